//! The world's own face of the App's port passes the suite that the GitHub adapter passes.

use std::sync::Arc;

use caretaker_testkit::conformance::app::Rig;
use caretaker_testkit::conformance::forge::{self, Access};
use caretaker_testkit::world::World;

async fn rig(access: Access) -> Rig {
    let clock = forge::clock();
    let world = World::new(Arc::new(clock.clone()));
    access.tell(&world);
    let face = Arc::new(world.clone());
    Rig::new(world, clock, face, ())
}

caretaker_testkit::app_forge_conformance!(rig);
