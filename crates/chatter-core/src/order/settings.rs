//! Reads and changes the server's settings.

use std::collections::BTreeMap;

use chatter_protocol::Deed;
use chatter_protocol::settings::ServerSetting;
use chatter_store::StoreError;

use super::OrderError;
use crate::app::App;
use crate::audit;
use crate::principal::Principal;
use crate::rates::{Rate, Who};
use crate::settings::{self, Setting};

/// All of them, for owners and admins.
pub fn list(app: &App, who: &Principal) -> Result<Vec<ServerSetting>, OrderError> {
    super::for_admins(who)?;
    Ok(app.chosen().shown())
}

/// Chooses: a value by name, or `None` for the default again. All of it or
/// nothing.
pub async fn change(
    app: &App,
    who: &Principal,
    asked: BTreeMap<String, Option<String>>,
) -> Result<Vec<ServerSetting>, OrderError> {
    super::for_the_owner(who)?;
    app.rates.check(Rate::Write, Who::User(who.user))?;
    let chosen = app.chosen();
    let mut changes = Vec::new();
    let mut notes = Vec::new();
    for (name, value) in asked {
        let unknown = || OrderError::invalid(&name, "there is no such setting");
        let setting = settings::find(&name).ok_or_else(unknown)?;
        if chosen.is_fixed(&name) {
            return Err(OrderError::Fixed { field: name });
        }
        let value = value.map(|value| checked(setting, &value)).transpose()?;
        let old = chosen.value(setting);
        let new = value.clone().unwrap_or_else(|| chosen.default(setting));
        if old != new {
            let setting = name.clone();
            let deed = Deed::SettingChanged { setting, old, new };
            notes.push(audit::of(app, who, deed));
        }
        changes.push((name, value));
    }
    app.store.change_settings(changes, notes).await?;
    read(app).await?;
    Ok(app.chosen().shown())
}

fn checked(setting: &Setting, value: &str) -> Result<String, OrderError> {
    let wrong = |why| OrderError::invalid(setting.name, why);
    setting.check(value).map_err(wrong)
}

/// Puts in force what the database says; another server may have changed it.
pub(crate) async fn read(app: &App) -> Result<(), StoreError> {
    let _in_turn = app.settings_read.lock().await;
    let has_owner = app.has_owner() || app.store.has_owner().await?;
    let kept = app.store.settings().await?;
    app.note_settings(has_owner, &kept);
    Ok(())
}
