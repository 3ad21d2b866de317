//! The primary instance: nodes, shapes, templates of repeats.

use super::{Compiler, Cycles};
use crate::forms::definition::{Definition, ModelNode};
use crate::forms::form::Shape;
use crate::forms::moment::FormClock;
use crate::forms::names::Name;
use crate::forms::tree::{NodeId, Place, ShapeId};
use crate::forms::value::Answer;

impl Compiler {
    pub(super) fn model(&mut self, definition: &Definition) {
        self.node(&definition.model, None, None, 0);
    }

    fn node(&mut self, node: &ModelNode, parent: Option<NodeId>, above: Option<ShapeId>, depth: u32) {
        if depth > 200 {
            self.error("form_too_deep", &*node.name);
            return;
        }
        let name = self.names.intern(&node.name);
        let shape = self.shape_for(above, name, false);
        let place = match parent {
            _ if node.template => Place::Template,
            Some(parent) => {
                Place::Nth(u32::try_from(self.tree.children_named(parent, name).count()).unwrap_or(u32::MAX))
            }
            None => Place::Nth(0),
        };
        let id = self.tree.add(parent, name, shape, place);
        self.tree[id].value = node.value.as_deref().map(|text| Answer::Text(text.into()));
        self.name_space(shape, node.namespace.as_deref());
        for attribute in &node.attributes {
            let name = self.names.intern(&attribute.name);
            let shape = self.shape_for(Some(shape), name, true);
            let made = self.tree.add(Some(id), name, shape, Place::Attribute);
            self.tree[made].value = Some(Answer::Text(attribute.value.clone()));
            self.name_space(shape, attribute.namespace.as_deref());
        }
        for child in &node.children {
            self.node(child, Some(id), Some(shape), depth + 1);
        }
    }

    fn name_space(&mut self, shape: ShapeId, namespace: Option<&str>) {
        if let Some(shape) = self.shape_mut(shape)
            && shape.namespace.is_none()
        {
            shape.namespace = namespace.map(Into::into);
        }
    }

    fn shape_for(&mut self, parent: Option<ShapeId>, name: Name, attribute: bool) -> ShapeId {
        if let Some(known) = self.known_shapes.get(&(parent, name, attribute)) {
            return *known;
        }
        let id = ShapeId(u32::try_from(self.shapes.len()).unwrap_or(u32::MAX - 1));
        self.shapes.push(Shape {
            name: Some(name),
            parent,
            attribute,
            ..Shape::default()
        });
        self.known_shapes.insert((parent, name, attribute), id);
        id
    }

    /// Gives every repeat one template and takes templates away that belong to no repeat. A repeat that has neither a template nor
    /// an instance then is refused, as ODK refuses it.
    pub(super) fn templates(&mut self, cycles: Cycles) {
        let Some(root) = self.tree.root() else {
            return;
        };
        for stray in self.drop_stray_templates(root, true) {
            match cycles {
                Cycles::Strict => self.error("form_stray_template", stray),
                Cycles::EnketoCompatible => self.warn("form_stray_template", stray),
            }
        }
        let repeats: Vec<ShapeId> = (0..self.shapes.len())
            .filter_map(|i| u32::try_from(i).ok())
            .map(ShapeId)
            .filter(|id| self.is_repeat(*id))
            .collect();
        for repeat in repeats {
            if let Some(template) = self.find_template(repeat) {
                self.templates.insert(repeat, template);
            } else if let Some(made) = self.make_template(repeat) {
                self.templates.insert(repeat, made);
            } else {
                self.error("form_repeat_without_node", self.shape_text(repeat));
            }
        }
    }

    fn is_repeat(&self, id: ShapeId) -> bool {
        self.shape(id).is_some_and(|shape| shape.repeat)
    }

    /// Takes them away and gives the paths of those with content that are no repeats at all: ODK Validate breaks at these.
    fn drop_stray_templates(&mut self, id: NodeId, allowed: bool) -> Vec<String> {
        let repeat = self.is_repeat(self.tree[id].shape);
        let below = allowed && (!repeat || !self.tree[id].is_data());
        let mut troubling = Vec::new();
        for child in self.tree[id].children.clone() {
            let (shape, known) = (self.tree[child].shape, self.is_repeat(self.tree[child].shape));
            let stray = !self.tree[child].is_data() && (!below || !known);
            if !stray {
                troubling.extend(self.drop_stray_templates(child, below));
                continue;
            }
            if !known && !self.tree[child].children.is_empty() {
                troubling.push(self.shape_text(shape));
            }
            self.tree[id].children.retain(|other| *other != child);
        }
        troubling
    }

    /// The parent node that holds the template of a repeat: templates of outer repeats first.
    fn template_parent(&self, repeat: ShapeId) -> Option<NodeId> {
        let chain = self.chain(repeat);
        let (_, above) = chain.split_last()?;
        let mut at = self.tree.root()?;
        for shape in above.iter().skip(1) {
            let name = self.shape(*shape)?.name?;
            at = self.tree.template(at, name).or_else(|| self.tree.child(at, name, 0))?;
        }
        Some(at)
    }

    fn find_template(&self, repeat: ShapeId) -> Option<NodeId> {
        let parent = self.template_parent(repeat)?;
        self.tree.template(parent, self.shape(repeat)?.name?)
    }

    fn make_template(&mut self, repeat: ShapeId) -> Option<NodeId> {
        let of_it = |id: &NodeId| self.tree[*id].shape == repeat && self.tree.way_to(*id).is_some();
        let nodes: Vec<NodeId> = self.tree.ids().filter(of_it).collect();
        // an instance inside the template of an outer repeat is one, too, when there is no other
        let data = nodes.iter().find(|id| self.is_attached_data(**id));
        let first = *data.or(nodes.first())?;
        let parent = self.template_parent(repeat)?;
        let made = self.tree.copy_below(first, parent, Place::Template);
        self.trim_repeats(made);
        self.clear_answers(made);
        Some(made)
    }

    fn is_attached_data(&self, id: NodeId) -> bool {
        self.tree.chain(id).iter().all(|node| self.tree[*node].is_data())
    }

    fn trim_repeats(&mut self, id: NodeId) {
        for child in self.tree[id].children.clone() {
            if self.is_repeat(self.tree[child].shape) {
                self.tree[id].children.retain(|other| *other != child);
            } else {
                self.trim_repeats(child);
            }
        }
    }

    /// A pattern that the author did not write has no defaults: those of the first instance are its own.
    fn clear_answers(&mut self, id: NodeId) {
        self.tree[id].value = None;
        for child in self.tree[id].children.clone() {
            self.clear_answers(child);
        }
    }

    /// Defaults that no answer of their type can be are left out when the form is opened; the author should know.
    pub(super) fn defaults(&mut self) {
        let clock = FormClock {
            now_ms: 0,
            offset_min: 0,
        };
        for id in self.tree.ids() {
            let data_type = self.shape(self.tree[id].shape).map(|s| s.data_type).unwrap_or_default();
            if let Some(Answer::Text(text)) = &self.tree[id].value
                && self.tree[id].place != Place::Attribute
                && Answer::read(text, data_type, clock).is_none()
            {
                let subject = format!("{}: {text}", self.shape_text(self.tree[id].shape));
                self.warn("form_bad_default", subject);
            }
        }
    }

    pub(super) fn submission(&mut self, definition: &Definition) -> Option<ShapeId> {
        let path = definition.submission.as_deref().filter(|path| *path != "/")?;
        self.resolve(path, None)
    }
}
