//! Signing in, staying signed in, signing out.

use api::auth::token::ACCESS_LIFETIME;
use api::services::session::REFRESH_LIFETIME;
use chrono::Duration;
use entity::person;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::Client;
use tests::walk;

tests::cases![
    a_password_opens_a_session,
    a_wrong_password_and_an_unknown_login_read_the_same,
    five_wrong_passwords_lock_the_account_for_a_quarter_of_an_hour,
    parallel_guesses_are_counted_one_by_one,
    a_right_password_forgets_the_wrong_ones_before_it,
    a_refresh_token_is_exchanged_once,
    a_client_that_lost_the_answer_may_repeat_the_exchange,
    repeating_an_exchange_does_not_prolong_the_grace,
    a_reused_refresh_token_ends_every_session_of_its_login,
    of_two_parallel_exchanges_both_stay_in_the_session_of_their_login,
    two_parallel_reuses_both_fail,
    logging_out_ends_the_session_at_once,
    other_sessions_outlive_a_logout,
    a_closed_account_is_nobody,
    an_access_token_ends_by_the_clock,
    a_refresh_token_ends_by_the_clock,
    a_role_taken_away_has_no_effect_from_the_next_request_on,
];

const LOGIN: &str = "wang.xinxi";
const PASSWORD: &str = "Xinxi-2026-zhengxin";

const VIEWER: &str = "{ viewer { person { name } } }";
const LOG_IN: &str = "mutation($input: LoginInput!) { login(input: $input) \
    { session { accessToken refreshToken expiresAt } userErrors { code field message messageZh details retryable } } }";
const REFRESH: &str = "mutation($input: RefreshTokenInput!) { refreshToken(input: $input) \
    { session { accessToken refreshToken } } }";

/// Opens the account of the cases.
async fn account(app: &TestApp) -> String {
    let input = json!({ "name": "王信息", "login": LOGIN, "password": PASSWORD });
    let payload = walk::act(&app.system_administrator().await, "invitePerson", "person { id }", input).await;
    payload["person"]["id"].as_str().expect("an account has an id").to_owned()
}

async fn try_to_log_in(app: &TestApp, login: &str, password: &str) -> Value {
    let variables = json!({ "input": { "login": login, "password": password } });
    app.stranger().gql(LOG_IN, variables).await["login"].take()
}

/// The tokens of a new session.
async fn log_in(app: &TestApp) -> Value {
    let mut payload = try_to_log_in(app, LOGIN, PASSWORD).await;
    assert_eq!(payload["userErrors"], json!([]));
    payload["session"].take()
}

async fn refresh(app: &TestApp, session: &Value) -> Value {
    let variables = json!({ "input": { "refreshToken": session["refreshToken"] } });
    app.stranger().gql(REFRESH, variables).await["refreshToken"]["session"].take()
}

async fn refresh_is_refused(app: &TestApp, session: &Value) {
    let variables = json!({ "input": { "refreshToken": session["refreshToken"] } });
    app.stranger().expect_code(REFRESH, variables, "UNAUTHENTICATED").await;
}

fn client(app: &TestApp, session: &Value) -> Client {
    app.bearer(session["accessToken"].as_str().expect("a session has an access token"))
}

async fn is_in(app: &TestApp, session: &Value) {
    assert_eq!(client(app, session).gql(VIEWER, json!({})).await["viewer"]["person"]["name"], "王信息");
}

async fn is_out(app: &TestApp, session: &Value) {
    client(app, session).expect_code(VIEWER, json!({}), "UNAUTHENTICATED").await;
}

async fn a_password_opens_a_session(app: TestApp) {
    account(&app).await;
    let session = log_in(&app).await;
    assert_eq!(session["expiresAt"], "2026-03-02T01:15:00+00:00");
    is_in(&app, &session).await;
}

async fn a_wrong_password_and_an_unknown_login_read_the_same(app: TestApp) {
    account(&app).await;
    let wrong = try_to_log_in(&app, LOGIN, "Xinxi-2026-zhengxim").await;
    let unknown = try_to_log_in(&app, "li.xinxi", PASSWORD).await;
    assert_eq!(wrong, unknown);
    assert_eq!(wrong["userErrors"][0]["code"], "BAD_CREDENTIALS");
    assert_eq!(wrong["session"], Value::Null);
}

async fn five_wrong_passwords_lock_the_account_for_a_quarter_of_an_hour(app: TestApp) {
    account(&app).await;
    for _ in 0..5 {
        let refused = try_to_log_in(&app, LOGIN, "guess").await;
        assert_eq!(refused["userErrors"][0]["code"], "BAD_CREDENTIALS");
    }
    let locked = try_to_log_in(&app, LOGIN, PASSWORD).await;
    assert_eq!(locked["session"], Value::Null);
    assert_eq!(locked["userErrors"][0]["code"], "ACCOUNT_LOCKED");
    assert_eq!(locked["userErrors"][0]["retryable"], true);
    assert_eq!(locked["userErrors"][0]["details"], r#"{"lockedUntil":"2026-03-02T01:15:00+00:00"}"#);

    app.set_clock("2026-03-02T09:14:59+08:00");
    assert_eq!(try_to_log_in(&app, LOGIN, PASSWORD).await["userErrors"][0]["code"], "ACCOUNT_LOCKED");
    app.set_clock("2026-03-02T09:15:00+08:00");
    is_in(&app, &log_in(&app).await).await;
}

/// Whoever guesses in parallel gets five guesses, not five for each connection.
async fn parallel_guesses_are_counted_one_by_one(app: TestApp) {
    account(&app).await;
    let guesses = (0..8).map(|_| try_to_log_in(&app, LOGIN, "guess"));
    let refusals = futures::future::join_all(guesses).await;
    let wrong = refusals.iter().filter(|refusal| refusal["userErrors"][0]["code"] == "BAD_CREDENTIALS").count();
    let locked = refusals.iter().filter(|refusal| refusal["userErrors"][0]["code"] == "ACCOUNT_LOCKED").count();
    assert_eq!((wrong, locked), (5, 3));
}

async fn a_right_password_forgets_the_wrong_ones_before_it(app: TestApp) {
    account(&app).await;
    for _ in 0..2 {
        for _ in 0..4 {
            try_to_log_in(&app, LOGIN, "guess").await;
        }
        log_in(&app).await;
    }
}

async fn a_refresh_token_is_exchanged_once(app: TestApp) {
    account(&app).await;
    let first = log_in(&app).await;
    app.clock.advance(ACCESS_LIFETIME * 2);
    is_out(&app, &first).await;
    let second = refresh(&app, &first).await;
    is_in(&app, &second).await;
    assert_ne!(first["refreshToken"], second["refreshToken"]);
    refresh_is_refused(&app, &json!({ "refreshToken": "made up" })).await;
}

async fn a_client_that_lost_the_answer_may_repeat_the_exchange(app: TestApp) {
    account(&app).await;
    let first = log_in(&app).await;
    let lost = refresh(&app, &first).await;
    app.clock.advance(Duration::seconds(9));
    let second = refresh(&app, &first).await;
    is_in(&app, &second).await;
    is_in(&app, &lost).await;
}

async fn repeating_an_exchange_does_not_prolong_the_grace(app: TestApp) {
    account(&app).await;
    let first = log_in(&app).await;
    refresh(&app, &first).await;
    app.clock.advance(Duration::seconds(6));
    let repeated = refresh(&app, &first).await;
    app.clock.advance(Duration::seconds(6));
    refresh_is_refused(&app, &first).await;
    is_out(&app, &repeated).await;
}

async fn a_reused_refresh_token_ends_every_session_of_its_login(app: TestApp) {
    account(&app).await;
    let (first, elsewhere) = (log_in(&app).await, log_in(&app).await);
    let second = refresh(&app, &first).await;
    app.clock.advance(Duration::seconds(11));
    refresh_is_refused(&app, &first).await;
    is_out(&app, &second).await;
    refresh_is_refused(&app, &second).await;
    is_in(&app, &elsewhere).await;
}

/// Neither of the two can know whether the other one's answer arrived, so the grace lets both in; a theft shows
/// when one of them is used again, and then ends both.
async fn of_two_parallel_exchanges_both_stay_in_the_session_of_their_login(app: TestApp) {
    account(&app).await;
    let first = log_in(&app).await;
    let (left, right) = futures::join!(refresh(&app, &first), refresh(&app, &first));
    is_in(&app, &left).await;
    is_in(&app, &right).await;
    client(&app, &left).gql("mutation { logout { ended } }", json!({})).await;
    is_out(&app, &right).await;
    refresh_is_refused(&app, &right).await;
}

async fn two_parallel_reuses_both_fail(app: TestApp) {
    account(&app).await;
    let first = log_in(&app).await;
    let second = refresh(&app, &first).await;
    app.clock.advance(Duration::seconds(11));
    futures::join!(refresh_is_refused(&app, &first), refresh_is_refused(&app, &first));
    is_out(&app, &second).await;
}

async fn logging_out_ends_the_session_at_once(app: TestApp) {
    account(&app).await;
    let first = log_in(&app).await;
    let second = refresh(&app, &first).await;
    let payload = client(&app, &second).gql("mutation { logout { ended } }", json!({})).await;
    assert_eq!(payload["logout"], json!({ "ended": true }));
    for session in [&first, &second] {
        is_out(&app, session).await;
        refresh_is_refused(&app, session).await;
    }
}

async fn other_sessions_outlive_a_logout(app: TestApp) {
    account(&app).await;
    let (here, elsewhere) = (log_in(&app).await, log_in(&app).await);
    client(&app, &here).gql("mutation { logout { ended } }", json!({})).await;
    is_out(&app, &here).await;
    is_in(&app, &elsewhere).await;
}

async fn a_closed_account_is_nobody(app: TestApp) {
    account(&app).await;
    let session = log_in(&app).await;
    person::Entity::update_many()
        .col_expr(person::Column::DisabledAt, Expr::value(app.now()))
        .filter(person::Column::Login.eq(LOGIN))
        .exec(app.writer())
        .await
        .expect("the account can be closed");
    is_out(&app, &session).await;
    refresh_is_refused(&app, &session).await;
    let closed = try_to_log_in(&app, LOGIN, PASSWORD).await;
    assert_eq!(closed, try_to_log_in(&app, "nobody.there", PASSWORD).await);
}

async fn an_access_token_ends_by_the_clock(app: TestApp) {
    account(&app).await;
    let session = log_in(&app).await;
    app.clock.advance(ACCESS_LIFETIME - Duration::seconds(1));
    is_in(&app, &session).await;
    // Five seconds are allowed for the clocks of two servers to differ.
    app.clock.advance(Duration::seconds(6));
    is_out(&app, &session).await;
}

async fn a_refresh_token_ends_by_the_clock(app: TestApp) {
    account(&app).await;
    let first = log_in(&app).await;
    app.clock.advance(REFRESH_LIFETIME - Duration::seconds(1));
    let second = refresh(&app, &first).await;
    app.clock.advance(REFRESH_LIFETIME);
    refresh_is_refused(&app, &second).await;
}

async fn a_role_taken_away_has_no_effect_from_the_next_request_on(app: TestApp) {
    let person = account(&app).await;
    let security = app.security_administrator().await;
    let input = json!({ "person": person, "role": "EDITOR", "network": app.network_id() });
    let granted = walk::act(&security, "grantRole", "grant", input).await;
    let session = log_in(&app).await;
    let roles = "{ viewer { roles { role } } networks(first: 9) { totalCount } }";
    let seen = json!({ "viewer": { "roles": [{ "role": "EDITOR" }] }, "networks": { "totalCount": 1 } });
    assert_eq!(client(&app, &session).gql(roles, json!({})).await, seen);

    walk::act(&security, "revokeRole", "", json!({ "grant": granted["grant"] })).await;
    let unseen = json!({ "viewer": { "roles": [] }, "networks": { "totalCount": 0 } });
    assert_eq!(client(&app, &session).gql(roles, json!({})).await, unseen);
}
