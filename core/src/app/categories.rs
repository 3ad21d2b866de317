//! The picker of categories: by code, Chinese name, pinyin, English, and those this worker used last.

use pinyin::ToPinyin;

use super::Engine;
use super::error::AppError;
use crate::model::incident::Category;
use crate::store::ops;

impl Engine {
    /// Categories that match a text, in the order of the tree; all of them for an empty text. A text matches by code, by a part
    /// of the Chinese or English name, by full pinyin or by initials. Classes, which nothing is filed under, are left out.
    #[must_use]
    pub fn category_search(&self, text: &str, limit: usize) -> Vec<Category> {
        let wanted = text.trim().to_lowercase();
        let dictionaries = self.dictionaries();
        let leaves = dictionaries.taxonomy.categories.iter().filter(|c| c.code.contains('.'));
        leaves.filter(|c| fits(c, &wanted)).take(limit).cloned().collect()
    }

    /// The categories of the incidents this phone has written down last, the newest first.
    ///
    /// # Errors
    /// Those of the store.
    pub fn categories_recent(&self, limit: u32) -> Result<Vec<Category>, AppError> {
        let dictionaries = self.dictionaries();
        let codes = self.store.read(|r| ops::recent_categories(r, limit.min(100)))?;
        let known = codes.iter().filter_map(|code| dictionaries.taxonomy.category(code));
        Ok(known.cloned().collect())
    }
}

fn fits(category: &Category, wanted: &str) -> bool {
    if wanted.is_empty() {
        return true;
    }
    let sounds = || category.zh.as_str().to_pinyin().flatten();
    let full = || sounds().map(|sound| sound.plain()).collect::<String>();
    let initials = || sounds().map(|sound| sound.first_letter()).collect::<String>();
    category.code.to_lowercase().starts_with(wanted)
        || category.zh.contains(wanted)
        || category.en.to_lowercase().contains(wanted)
        || full().contains(wanted)
        || initials().contains(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::packs::taxonomy;

    #[test]
    fn a_category_is_found_by_code_name_pinyin_initials_and_english() {
        let all = taxonomy().unwrap();
        let leaf = all.categories.iter().find(|c| c.code.contains('.')).unwrap();
        let sounds: Vec<_> = leaf.zh.as_str().to_pinyin().flatten().collect();
        let full: String = sounds.iter().map(|s| s.plain()).collect();
        let initials: String = sounds.iter().map(|s| s.first_letter()).collect();
        for text in [
            &leaf.code.to_lowercase(),
            &leaf.zh,
            &full,
            &initials,
            &leaf.en.to_lowercase(),
        ] {
            assert!(fits(leaf, text), "{text}");
        }
        assert!(!fits(leaf, "zzzz"));
    }
}
