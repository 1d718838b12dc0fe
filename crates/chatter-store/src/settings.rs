//! What the owner chose, by name.

use crate::error::{Failure, StoreError};
use crate::sql::{Tx, queries, row};
use crate::{Note, Store, audit};

row! {
    struct SettingRow { name: String, value: String }
}

queries! {
    fn setting_row(name: &str) -> Option<SettingRow> = "
        select name, value
          from settings
         where name = $1";

    fn setting_rows() -> Vec<SettingRow> = "
        select name, value
          from settings
         order by name";

    fn put_setting(name: &str, value: &str) -> u64 = "
        insert into settings (name, value)
        values ($1, $2)
            on conflict (name) do update set value = excluded.value";

    fn drop_setting(name: &str) -> u64 = "
        delete from settings
         where name = $1";

    pub(crate) fn is_migrated() -> bool = "
        select version as found
          from migrations
         limit 1";
}

impl Store {
    pub async fn setting(&self, name: &str) -> Result<Option<String>, StoreError> {
        let name = name.to_owned();
        self.read(move |tx| Ok(setting_row(tx, &name)?.map(|row| row.value)))
            .await
    }

    pub async fn set_setting(&self, name: &str, value: &str) -> Result<(), StoreError> {
        let (name, value) = (name.to_owned(), value.to_owned());
        self.write(move |tx| Ok(put(tx, &name, &value)?)).await
    }

    /// Chooses values by name, or `None` for no choice; and notes it.
    pub async fn change_settings(
        &self,
        changes: Vec<(String, Option<String>)>,
        notes: Vec<Note>,
    ) -> Result<(), StoreError> {
        self.write(move |tx| {
            for (name, value) in &changes {
                match value {
                    Some(value) => put(tx, name, value)?,
                    None => {
                        drop_setting(tx, name)?;
                    }
                }
            }
            Ok(audit::insert_all(tx, &notes)?)
        })
        .await
    }

    pub async fn settings(&self) -> Result<Vec<(String, String)>, StoreError> {
        self.read(|tx| {
            let rows = setting_rows(tx)?;
            Ok(rows.into_iter().map(|row| (row.name, row.value)).collect())
        })
        .await
    }
}

pub(crate) fn put(tx: &mut Tx<'_>, name: &str, value: &str) -> Result<(), Failure> {
    put_setting(tx, name, value)?;
    Ok(())
}
