//! A reply as a plain tree, read by a general XML reader.

/// An element with everything a test may ask for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) namespace: Option<String>,
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) text: String,
    pub(crate) children: Vec<Node>,
}

impl Node {
    pub(crate) fn parse(xml: &str) -> Self {
        let document =
            roxmltree::Document::parse(xml).unwrap_or_else(|error| panic!("{error}: {xml}"));
        Self::of(document.root_element())
    }

    fn of(node: roxmltree::Node<'_, '_>) -> Self {
        let texts = node.children().filter(roxmltree::Node::is_text);
        Self {
            name: node.tag_name().name().to_owned(),
            namespace: node.tag_name().namespace().map(str::to_owned),
            attributes: node
                .attributes()
                .map(|a| (a.name().to_owned(), a.value().to_owned()))
                .collect(),
            text: texts.filter_map(|text| text.text()).collect(),
            children: node
                .children()
                .filter(roxmltree::Node::is_element)
                .map(Self::of)
                .collect(),
        }
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Children of this name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Node> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The first element on this path of names, if there is one.
    pub(crate) fn find(&self, path: &str) -> Option<&Node> {
        path.split('/').try_fold(self, |node, name| {
            node.children.iter().find(|c| c.name == name)
        })
    }

    #[track_caller]
    pub(crate) fn at(&self, path: &str) -> &Node {
        self.find(path)
            .unwrap_or_else(|| panic!("no {path} in {self:#?}"))
    }

    #[track_caller]
    pub(crate) fn text_at(&self, path: &str) -> &str {
        &self.at(path).text
    }

    /// The names of the children in their order.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.children
            .iter()
            .map(|child| child.name.as_str())
            .collect()
    }
}
