//! Where the next page begins. Opaque to clients, and worth nothing more than
//! a place: a forged one only looks elsewhere.

use chatter_protocol::EventId;
use chatter_store::search::{Order, RANKED};

use super::SearchError;

pub fn write(order: &Order) -> String {
    let id = |before: &Option<EventId>| before.map_or(0, |id| id.0);
    match order {
        Order::Newest { before } => format!("n{}", id(before)),
        Order::Best { before, skip } => format!("b{}.{skip}", id(before)),
    }
}

/// The order asked for, from where the cursor says.
pub fn read(cursor: Option<&str>, best: bool) -> Result<Order, SearchError> {
    match cursor {
        None if best => Ok(Order::Best {
            before: None,
            skip: 0,
        }),
        None => Ok(Order::Newest { before: None }),
        Some(cursor) => parse(cursor, best).ok_or_else(|| SearchError::Invalid {
            field: "cursor",
            why: "this is not a cursor of this search".to_owned(),
        }),
    }
}

fn parse(cursor: &str, best: bool) -> Option<Order> {
    if best {
        let (before, skip) = cursor.strip_prefix('b')?.split_once('.')?;
        let skip = skip.parse().ok().filter(|skip| *skip <= RANKED)?;
        return Some(Order::Best {
            before: Some(before.parse().ok()?),
            skip,
        });
    }
    let before = cursor.strip_prefix('n')?.parse().ok()?;
    Some(Order::Newest {
        before: Some(before),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_went_and_nothing_else_does() {
        let newest = Order::Newest {
            before: Some(EventId(77)),
        };
        let best = Order::Best {
            before: Some(EventId(77)),
            skip: 20,
        };
        assert_eq!(read(Some(&write(&newest)), false).unwrap(), newest);
        assert_eq!(read(Some(&write(&best)), true).unwrap(), best);
        assert!(
            read(Some(&write(&best)), false).is_err(),
            "of another order"
        );
        for wrong in [
            "", "n", "n0", "n-1", "nx", "b77", "b77.-1", "b77.501", "é", "n1.2",
        ] {
            assert!(read(Some(wrong), false).is_err(), "{wrong}");
            assert!(read(Some(wrong), true).is_err(), "{wrong}");
        }
    }
}
