//! Generated pages of the server say what its tables say.

use caretaker_server::settings;
use caretaker_testkit::fresh;

#[test]
fn the_page_of_settings_is_fresh() {
    fresh::page("docs/settings.md", &settings::page::render());
}
