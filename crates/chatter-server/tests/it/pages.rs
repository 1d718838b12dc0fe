use reqwest::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};

use crate::support::TestServer;

#[tokio::test]
async fn every_address_that_is_not_the_interface_is_the_browser_client() {
    let server = TestServer::fresh().await;
    for path in ["/", "/join/abc", "/rooms/7", "/apiary"] {
        let answer = server.http.get(server.url(path)).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        assert_eq!(answer.headers()[CONTENT_TYPE], "text/html; charset=utf-8");
        assert!(answer.headers().contains_key(CONTENT_SECURITY_POLICY));
        let head = server.http.head(server.url(path)).send().await.unwrap();
        assert_eq!(head.headers()["etag"], answer.headers()["etag"]);
        assert!(head.text().await.unwrap().is_empty());
    }
    let posted = server.http.post(server.url("/")).send().await.unwrap();
    assert_eq!(posted.status(), 405);
}

#[tokio::test]
async fn no_address_leads_out_of_the_client() {
    let server = TestServer::fresh().await;
    for path in [
        "/../Cargo.toml",
        "/%2e%2e/Cargo.toml",
        "/..%2fCargo.toml",
        "//etc/passwd",
        "/assets/../../package.json",
    ] {
        let answer = server.http.get(server.url(path)).send().await.unwrap();
        let text = answer.text().await.unwrap();
        assert!(
            !text.contains("[workspace]")
                && !text.contains("root:")
                && !text.contains("\"scripts\""),
            "{path}: {text}"
        );
    }
}

#[tokio::test]
async fn the_server_says_whether_it_lives_and_can_work() {
    let server = TestServer::fresh().await;
    for (path, word) in [("/health/live", "alive"), ("/health/ready", "ready")] {
        let answer = server.http.get(server.url(path)).send().await.unwrap();
        assert_eq!(
            (
                answer.status().as_u16(),
                answer.text().await.unwrap().as_str()
            ),
            (200, word)
        );
    }
}
