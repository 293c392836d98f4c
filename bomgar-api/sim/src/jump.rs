//! Jump shortcuts as `import_jump_shortcut` makes them.

/// A jump shortcut that was imported.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct JumpShortcut {
    /// `local`, `remote`, or what stands before `_hostname` in the parameter's name.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// The computer it leads to.
    pub hostname: String,
    /// Code name of its Jump Group.
    pub group: String,
    /// All other parameters as they were sent.
    pub other: Vec<(String, String)>,
}

#[derive(Debug, Default)]
pub(crate) struct Jump {
    /// Code names that exist; with `None` every code name does.
    pub(crate) groups: Option<Vec<String>>,
    /// Code names that exist; with `None` every code name does.
    pub(crate) jumpoints: Option<Vec<String>>,
    pub(crate) shortcuts: Vec<JumpShortcut>,
}
