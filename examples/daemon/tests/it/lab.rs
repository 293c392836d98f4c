//! A simulated appliance, a simulated tenant, and the real binary between them.

use autotask_sim::AutotaskSim;
use bomgar_sim::{
    BomgarSim, Customer, FileTransfer, Party, Representative, SessionSpec, SystemCategory,
};
use std::{
    fs,
    io::{BufRead, BufReader},
    net::{SocketAddr, TcpListener},
    os::unix::process::ExitStatusExt,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU16, Ordering},
    },
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// So long anything may take before a test fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// How long a search must be late in these tests; the simulated tenant is quick.
pub(crate) const SETTLE: Duration = Duration::from_millis(1500);

pub(crate) struct Lab {
    pub(crate) autotask: AutotaskSim,
    pub(crate) appliance: BomgarSim,
    pub(crate) directory: TempDir,
    pub(crate) address: SocketAddr,
}

impl Lab {
    pub(crate) async fn new() -> Lab {
        let autotask = AutotaskSim::start().await.unwrap();
        let appliance = BomgarSim::start().await;
        let directory = tempfile::tempdir().unwrap();
        let address = free_address();
        let lab = Lab {
            autotask,
            appliance,
            directory,
            address,
        };
        lab.write("oauth", &lab.appliance.client_secret());
        lab.write("password", &lab.autotask.password());
        lab.write("code", &lab.autotask.integration_code());
        lab.write("config.toml", &lab.config());
        lab
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn config(&self) -> String {
        format!(
            r#"
[receiver]
listen = ["{address}"]

[store]
path = "store.sqlite"

[worker]
backoff_initial = "100ms"
backoff_max = "500ms"
retry_attempt_limit = 100
config_pause = "500ms"
settle = "{settle}ms"
request_timeout = "1s"

[log]
format = "json"
level = "info"

[[configuration]]
name = "laboratory"
appliance_id = "default"

[configuration.appliance]
base_url = "{appliance}"
oauth_client_id = "{client}"
oauth_client_secret = {{ file = "oauth" }}

[configuration.autotask]
services_url = "{services}"
username = "{user}"
password = {{ file = "password" }}
integration_code = {{ file = "code" }}

[configuration.profile]
note_type = 3
update_time_entry = true
business_zone = "America/New_York"

[configuration.profile.time_entry_default_data]
roleName = "Support Engineer"
summaryNotes = "Remote support"
defaultDomain = "example.com"
"#,
            address = self.address,
            settle = SETTLE.as_millis(),
            appliance = self.appliance.base_url(),
            client = self.appliance.client_id(),
            services = self.autotask.endpoint(),
            user = self.autotask.username(),
        )
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/ERSPost", self.address)
    }

    /// Starts the daemon and waits until it listens.
    pub(crate) fn daemon(&self) -> Daemon {
        let daemon = self.spawn(None);
        daemon.wait_until_listening();
        daemon
    }

    /// Starts the daemon with a point at which it kills itself.
    pub(crate) fn daemon_that_dies_at(&self, point: &str) -> Daemon {
        let daemon = self.spawn(Some(point));
        // No point lies before the first event, and a session that ended before the store was made
        // takes a longer road.
        daemon.wait_until_listening();
        daemon
    }

    /// Starts the daemon where no file may grow beyond so many KiB: to it, the disk is full then.
    pub(crate) fn daemon_on_a_small_disk(&self, kib: u32) -> Daemon {
        // The signal that comes with the error must be ignored, as a full disk sends none; and the
        // shell's `exec` keeps both for the daemon. Blocks are of 512 bytes.
        let script = format!("trap '' XFSZ; ulimit -f {}; exec \"$@\"", kib * 2);
        let mut command = Command::new("sh");
        command.args(["-c", &script, "sh", env!("CARGO_BIN_EXE_bomgar-autotask")]);
        let daemon = self.spawn_as(command, None);
        daemon.wait_until_listening();
        daemon
    }

    fn spawn(&self, point: Option<&str>) -> Daemon {
        self.spawn_as(Command::new(env!("CARGO_BIN_EXE_bomgar-autotask")), point)
    }

    fn spawn_as(&self, mut command: Command, point: Option<&str>) -> Daemon {
        command
            .arg("run")
            .arg("--config")
            .arg(self.path("config.toml"))
            .env_remove("BOMGAR_AUTOTASK_FAILPOINT")
            .env("BOMGAR_AUTOTASK_FAILPOINT_LOG", self.path("points"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        if let Some(point) = point {
            command.env("BOMGAR_AUTOTASK_FAILPOINT", point);
        }
        let mut child = command.spawn().unwrap();
        let log = Arc::new(Mutex::new(Vec::new()));
        let stderr = child.stderr.take().unwrap();
        let lines = Arc::clone(&log);
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                lines.lock().unwrap().push(line);
            }
        });
        Daemon {
            child,
            log,
            address: self.address,
        }
    }

    /// A technician's session of half an hour that ends now. The events go to the recipients.
    pub(crate) fn end_a_session(&self, external_key: &str) -> String {
        self.end_a_session_with(external_key, &[])
    }

    /// The same with more chat.
    pub(crate) fn end_a_session_with(&self, external_key: &str, chat: &[String]) -> String {
        let end = self.autotask.now().as_second();
        let start = end - 1800;
        let spec = SessionSpec::new()
            .external_key(external_key)
            .start_time(start)
            .customer(Customer::new("Erika Mustermann").hostname("ACME-PC7"))
            .representative(Representative::new(12, "jsmith").display_names("John Smith", "John"));
        let lsid = self.appliance.start_session(spec);
        let tell = || -> Result<(), bomgar_sim::SimError> {
            self.appliance.at(&lsid, start + 60)?;
            self.appliance
                .chat(&lsid, Party::Customer, Party::Everyone, "Outlook is broken")?;
            for text in chat {
                self.appliance
                    .chat(&lsid, Party::Customer, Party::Everyone, text)?;
            }
            self.appliance
                .file_transfer(&lsid, FileTransfer::upload("C:\\fix.exe", 4096))?;
            self.appliance.special_action(&lsid, "Reboot")?;
            let disks = SystemCategory::new("Disks").row([("Drive", "C:"), ("Size", "512 GB")]);
            self.appliance.system_information(&lsid, [disks])?;
            self.appliance.note(&lsid, "Replaced the profile.")?;
            self.appliance.end_session(&lsid, end)
        };
        tell().unwrap();
        lsid
    }

    /// Runs another of the binary's commands; what it says.
    pub(crate) fn command(&self, arguments: &[&str]) -> String {
        let said = Command::new(env!("CARGO_BIN_EXE_bomgar-autotask"))
            .arg("--config")
            .arg(self.path("config.toml"))
            .args(arguments)
            .output()
            .unwrap();
        assert!(said.status.success(), "{said:?}");
        String::from_utf8(said.stdout).unwrap()
    }

    /// What the chosen point left behind before it killed the process.
    pub(crate) fn points_reached(&self) -> Vec<String> {
        let text = fs::read_to_string(self.path("points")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// The ticket's notes and time entries that our API user made.
    pub(crate) fn ours(&self, ticket: i64) -> (usize, usize) {
        let us = self.autotask.demo().api_user;
        let notes = self.autotask.notes(ticket);
        let entries = self.autotask.time_entries(ticket);
        (
            notes
                .iter()
                .filter(|note| note.int("CreatorResourceID") == Some(us))
                .count(),
            entries
                .iter()
                .filter(|entry| entry.int("CreatorUserID") == Some(us))
                .count(),
        )
    }

    /// Waits for `done`, and says what the daemon logged if it never is.
    pub(crate) async fn wait(&self, what: &str, daemon: &Daemon, done: impl Fn() -> bool) {
        let start = Instant::now();
        while !done() {
            assert!(
                start.elapsed() < PATIENCE,
                "never: {what}\n{}",
                daemon.log()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// The daemon must come back at the same address, so it cannot choose its port itself; and while it
/// is down nobody else may get the port, so it must not be one that the system gives away.
fn free_address() -> SocketAddr {
    static TAKEN: AtomicU16 = AtomicU16::new(0);
    // Neighbours in time, when each test has its own process, are kept apart.
    let first = 12_000 + 40 * u16::try_from(std::process::id() % 450).unwrap();
    loop {
        let port = first + TAKEN.fetch_add(1, Ordering::Relaxed);
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}

pub(crate) struct Daemon {
    child: Child,
    log: Arc<Mutex<Vec<String>>>,
    address: SocketAddr,
}

impl Daemon {
    fn wait_until_listening(&self) {
        let start = Instant::now();
        while std::net::TcpStream::connect(self.address).is_err() {
            assert!(
                start.elapsed() < PATIENCE,
                "the daemon does not listen\n{}",
                self.log()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().join("\n")
    }

    /// Kills it as the kernel would, without a chance to tidy up.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        let status = self.child.wait().unwrap();
        assert_eq!(status.signal(), Some(9), "died otherwise\n{}", self.log());
    }

    /// Waits until it has died by SIGKILL.
    pub(crate) async fn wait_until_killed(&mut self) {
        let start = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(
                start.elapsed() < PATIENCE,
                "the daemon did not die\n{}",
                self.log()
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        };
        assert_eq!(status.signal(), Some(9), "died otherwise\n{}", self.log());
    }

    /// Asks it to stop and waits for the orderly end.
    pub(crate) async fn stop(mut self) -> String {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                assert!(status.success(), "{status}\n{}", self.log());
                return self.log();
            }
            assert!(
                start.elapsed() < PATIENCE,
                "the daemon did not stop\n{}",
                self.log()
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may be gone already; a test that fails must not leave it behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
