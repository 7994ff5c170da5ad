//! What a process does once, before anything else.

/// Installs the process's cryptography (rustls over ring). The first statement of every `main`
/// and of every test that talks over the network; calling it again changes nothing.
pub fn init_crypto() {
    // An error says that there is a provider already, ours or one that a test chose.
    drop(rustls::crypto::ring::default_provider().install_default());
}
