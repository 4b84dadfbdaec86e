//! How values that serde does not know are written down, where a check or its
//! outcome travels to another process: methods, versions, headers, raw bytes.
//!
//! Bytes of headers need not be UTF-8. Each is a character of its own (ISO
//! 8859-1), which loses nothing and stays legible.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

fn text_of(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

fn bytes_of<E: Error>(text: &str) -> Result<Vec<u8>, E> {
    let bytes: Result<_, _> = text.chars().map(u8::try_from).collect();
    bytes.map_err(|_| E::custom("a character that is no byte"))
}

pub(super) mod method {
    //! By its name.

    use super::*;
    use http::Method;

    pub(crate) fn serialize<S: Serializer>(method: &Method, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(method.as_str())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Method, D::Error> {
        let name = String::deserialize(deserializer)?;
        Method::from_bytes(name.as_bytes()).map_err(D::Error::custom)
    }
}

pub(super) mod version {
    //! As it stands in a reply's first line.

    use super::*;
    use http::Version;

    const VERSIONS: [(Version, &str); 5] = [
        (Version::HTTP_09, "HTTP/0.9"),
        (Version::HTTP_10, "HTTP/1.0"),
        (Version::HTTP_11, "HTTP/1.1"),
        (Version::HTTP_2, "HTTP/2.0"),
        (Version::HTTP_3, "HTTP/3.0"),
    ];

    pub(crate) fn serialize<S: Serializer>(version: &Version, serializer: S) -> Result<S::Ok, S::Error> {
        let named = VERSIONS.iter().find(|(known, _)| known == version);
        named.ok_or_else(|| serde::ser::Error::custom("a version of HTTP without a name"))?.1.serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Version, D::Error> {
        let name = String::deserialize(deserializer)?;
        let known = VERSIONS.iter().find(|(_, known)| *known == name);
        known.map(|(version, _)| *version).ok_or_else(|| D::Error::custom("no version of HTTP"))
    }
}

pub(super) mod headers {
    //! In the order in which they are sent: name, value, and whether the value
    //! is a secret that no log may show.

    use super::*;
    use http::{HeaderMap, HeaderName, HeaderValue};
    use std::sync::Arc;

    pub(crate) fn serialize<S: Serializer>(headers: &HeaderMap, serializer: S) -> Result<S::Ok, S::Error> {
        let written =
            headers.iter().map(|(name, value)| (name.as_str(), text_of(value.as_bytes()), value.is_sensitive()));
        serializer.collect_seq(written)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<HeaderMap>, D::Error> {
        let mut headers = HeaderMap::new();
        for (name, value, secret) in Vec::<(String, String, bool)>::deserialize(deserializer)? {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(D::Error::custom)?;
            let mut value = HeaderValue::from_bytes(&bytes_of::<D::Error>(&value)?).map_err(D::Error::custom)?;
            value.set_sensitive(secret);
            headers.append(name, value);
        }
        Ok(Arc::new(headers))
    }
}

pub(super) mod bytes {
    //! A header that may be absent.

    use super::*;

    pub(crate) fn serialize<S: Serializer>(bytes: &Option<Box<[u8]>>, serializer: S) -> Result<S::Ok, S::Error> {
        bytes.as_deref().map(text_of).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Box<[u8]>>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| bytes_of(&text).map(Vec::into_boxed_slice)).transpose()
    }
}
