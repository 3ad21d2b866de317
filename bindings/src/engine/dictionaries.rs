//! Dictionaries for pickers and forms.

use crate::engine::Engine;
use crate::error::GridError;
use crate::records::{Category, CodeName, Crs, GeoPoint, RegistryKind};

#[uniffi::export]
impl Engine {
    /// Categories of incidents that match a text: by code, Chinese or English name, pinyin, initials. All for an empty text.
    #[uniffi::method(default(limit = 50))]
    pub fn category_search(&self, text: String, limit: u32) -> Result<Vec<Category>, GridError> {
        let found = self.core()?.category_search(&text, limit as usize);
        Ok(found.iter().map(Category::from).collect())
    }

    /// The categories this phone used last, the newest first.
    #[uniffi::method(default(limit = 8))]
    pub fn categories_recent(&self, limit: u32) -> Result<Vec<Category>, GridError> {
        let found = self.core()?.categories_recent(limit)?;
        Ok(found.iter().map(Category::from).collect())
    }

    /// Kinds of the registry with their fields, as forms show them.
    pub fn registry_kinds(&self) -> Result<Vec<RegistryKind>, GridError> {
        let dictionaries = self.core()?.dictionaries();
        Ok(dictionaries.schema.kinds.iter().map(RegistryKind::from).collect())
    }

    /// The number of the registry schema in force.
    pub fn registry_schema(&self) -> Result<u32, GridError> {
        Ok(self.core()?.dictionaries().schema.schema)
    }

    /// The codes of a list that `FieldInput.Code` names; empty for a list nobody has.
    pub fn code_list(&self, name: String) -> Result<Vec<CodeName>, GridError> {
        let dictionaries = self.core()?.dictionaries();
        let codes = dictionaries.schema.code_list(&name).map(|list| list.codes.as_slice());
        Ok(codes.unwrap_or_default().iter().map(CodeName::from).collect())
    }
}

/// The same place in another reference system: GCJ-02 for a vendor's map, and back.
#[uniffi::export]
pub fn convert_point(point: GeoPoint, crs: Crs) -> Result<GeoPoint, GridError> {
    point.in_system(crs)
}
