//! Values and rows, the same for both databases.

use super::{StoreError, Stored};

/// A value in a statement or a row. A yes or no is a number, a document is a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Nothing.
    Null,
    /// A number.
    Int(i64),
    /// A text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// The values of a statement, in the order of their places.
#[macro_export]
macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$($crate::store::Value::from($value)),*] };
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<u64> for Value {
    /// Counts and sizes; what is beyond the largest number both databases have is that number.
    fn from(value: u64) -> Self {
        Self::Int(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Int(value.into())
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Int(value.into())
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<&String> for Value {
    fn from(value: &String) -> Self {
        Self::Text(value.clone())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Self {
        Self::Bytes(value.to_vec())
    }
}

impl<const N: usize> From<&[u8; N]> for Value {
    fn from(value: &[u8; N]) -> Self {
        Self::Bytes(value.to_vec())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// One row of an answer; columns by their place in the statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row(pub(super) Vec<Value>);

impl Row {
    fn at(&self, column: usize) -> Stored<&Value> {
        self.0.get(column).ok_or(StoreError::Shape)
    }

    /// A number.
    ///
    /// # Errors
    /// [`StoreError::Shape`] when the column is none.
    pub fn int(&self, column: usize) -> Stored<i64> {
        match self.at(column)? {
            Value::Int(value) => Ok(*value),
            _ => Err(StoreError::Shape),
        }
    }

    /// A count or size.
    ///
    /// # Errors
    /// As [`Row::int`], and when it is negative.
    pub fn count(&self, column: usize) -> Stored<u64> {
        u64::try_from(self.int(column)?).map_err(|_| StoreError::Shape)
    }

    /// A yes or no.
    ///
    /// # Errors
    /// As [`Row::int`].
    pub fn is(&self, column: usize) -> Stored<bool> {
        Ok(self.int(column)? != 0)
    }

    /// A text.
    ///
    /// # Errors
    /// [`StoreError::Shape`] when the column is none.
    pub fn text(&self, column: usize) -> Stored<&str> {
        match self.at(column)? {
            Value::Text(value) => Ok(value),
            _ => Err(StoreError::Shape),
        }
    }

    /// Bytes.
    ///
    /// # Errors
    /// [`StoreError::Shape`] when the column is none.
    pub fn bytes(&self, column: usize) -> Stored<&[u8]> {
        match self.at(column)? {
            Value::Bytes(value) => Ok(value),
            _ => Err(StoreError::Shape),
        }
    }

    /// So many bytes: an id or a digest.
    ///
    /// # Errors
    /// As [`Row::bytes`], and when they are of another length.
    pub fn fixed<const N: usize>(&self, column: usize) -> Stored<[u8; N]> {
        self.bytes(column)?.try_into().map_err(|_| StoreError::Shape)
    }

    /// Whether the column holds nothing.
    ///
    /// # Errors
    /// [`StoreError::Shape`] when there is no such column.
    pub fn is_null(&self, column: usize) -> Stored<bool> {
        Ok(*self.at(column)? == Value::Null)
    }
}
