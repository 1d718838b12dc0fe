//! Whom the server calls, and who may know.

use chatter_protocol::Code;
use chatter_protocol::outbound::OutboundLedger;

use crate::support::{Answer, TestServer};

#[tokio::test]
async fn whom_the_server_calls_is_for_its_admins() {
    let server = TestServer::fresh().await;
    let cast = server.cast().await;
    server
        .get("/admin/outbound")
        .send()
        .await
        .refused(Code::NotSignedIn)
        .await;
    for person in [&cast.bob, &cast.carol] {
        person
            .get("/admin/outbound")
            .send()
            .await
            .refused(Code::NotAllowed)
            .await;
    }
    let ledger: OutboundLedger = cast.alice.get("/admin/outbound").send().await.told().await;
    assert_eq!(ledger, OutboundLedger::default(), "it called nobody");
}
