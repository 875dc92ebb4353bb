//! Files for the cash system: the largest one is stored by one Change, and read back as it was.

use epaybl_connector::app::ports::{PostingStore as _, Sealed, Store as _, Urgency};
use epaybl_connector::domain::change::{Change, PostingWork};
use epaybl_connector::domain::hkr::{LineId, lines_digest};
use epaybl_connector::domain::ids::ChangeId;
use epaybl_connector::domain::money::Cents;
use epaybl_connector::domain::record::{Body, PostingFile};
use jiff::civil::date;
use sha2::{Digest as _, Sha256};

use crate::cases::connect;
use crate::kit::town::ledger;
use crate::kit::{Town, on_each};

#[tokio::test]
async fn the_largest_file_is_stored_by_one_change_and_read_back_as_it_was() {
    on_each(async |db| {
        let town = Town::new();
        let connector = connect(db, &town).await;
        let ledger = ledger("stadt");
        // As many lines as a file takes, of 700 bytes each.
        let lines: Vec<LineId> = (0..20_000).map(|position| LineId { position, line: 1 }).collect();
        let content: Vec<u8> = (0..14_000_000_u32).map(|n| n.to_le_bytes()[0]).collect();
        let mut change = Change::bare(ChangeId(uuid::Uuid::from_u128(0x5eed)));
        change.ledger = Some(ledger.clone());
        let file = PostingFile {
            number: 1,
            from: 0,
            to: 20_000,
            postings: "connector".to_owned(),
            template: "neutral-xml".to_owned(),
            template_digest: [7; 32],
            name: "hkr-stadt-1.xml".to_owned(),
            media_type: "application/xml".to_owned(),
            lines: 20_000,
            sum: Cents::new(1),
            first: date(2026, 11, 20),
            last: date(2026, 11, 21),
            digest: Sha256::digest(&content).into(),
            size: 14_000_000,
            lines_digest: lines_digest(&lines),
            person: "programm".to_owned(),
        };
        change
            .effects
            .records
            .push((Body::PostingFile(file.clone()), Vec::new()));
        change.effects.postings = Some(PostingWork {
            lines: lines.clone(),
            content: content.clone(),
        });
        let sealed = Sealed {
            change,
            new_key: None,
            personal: Vec::new(),
        };
        connector
            .store
            .commit(sealed, Urgency::Bulk)
            .await
            .expect("it is stored");
        let store = &connector.store;
        let stored = store.posting_files(&ledger, None).await.expect("the store");
        assert_eq!((stored.len(), &stored[0].file), (1, &file));
        assert_eq!(store.posting_files_behind(&ledger, 0, 2).await, Ok(stored));
        assert_eq!(store.posting_files_behind(&ledger, 0, 0).await, Ok(Vec::new()));
        assert_eq!(store.posting_files_behind(&ledger, 1, 2).await, Ok(Vec::new()));
        assert_eq!(store.posting_content(&ledger, 1).await, Ok(Some(content)));
        assert_eq!(store.lines_of_file(&ledger, 1, true).await, Ok(lines));
        assert_eq!(store.posting_reach(&ledger).await, Ok((1, 20_000)));
        assert_eq!(store.line_twice(&ledger).await, Ok(None));
        connector.end().await;
    })
    .await;
}
