//! What must not compile, and what the author is told.

#[test]
fn misuses_do_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/fail/*.rs");
}
