//! In which form a file of certificates is, by its first bytes: files are handed in under the wrong setting as often
//! as with the wrong password, and then the message should say which.

use x509_parser::prelude::{FromDer, X509Certificate};

/// A form of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Text with `-----BEGIN`.
    Pem,
    /// A single certificate in DER.
    Certificate,
    /// PKCS#12, or at least something in ASN.1.
    Pkcs12,
    /// A Java keystore.
    Java,
    /// An empty file.
    Empty,
    /// None of these.
    Other,
}

impl Form {
    /// What the bytes look like.
    pub(super) fn seen(bytes: &[u8]) -> Self {
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        match text {
            [] => Self::Empty,
            [0xfe, 0xed, 0xfe, 0xed, ..] | [0xce, 0xce, 0xce, 0xce, ..] => Self::Java,
            [0x30, ..] if X509Certificate::from_der(bytes).is_ok() => Self::Certificate,
            [0x30, ..] => Self::Pkcs12,
            _ if text.windows(11).any(|window| window == b"-----BEGIN ") => Self::Pem,
            _ => Self::Other,
        }
    }

    /// What to do where PEM was expected; an empty text or one that continues a sentence.
    pub(super) const fn instead_of_pem(self) -> &'static str {
        match self {
            Self::Pem | Self::Other => "",
            Self::Empty => "; the file is empty",
            Self::Certificate => {
                "; it is a certificate in DER, convert it: openssl x509 -inform der -in cert.cer -out cert.pem"
            }
            Self::Pkcs12 => {
                "; it looks like PKCS#12 (.p12, .pfx): name it in client_p12 (with client_p12_password), or convert \
                 it: openssl pkcs12 -legacy -nodes -in client.p12 -out client.pem"
            }
            Self::Java => KEYTOOL,
        }
    }

    /// What to do where PKCS#12 was expected; none where it looks like PKCS#12.
    pub(super) const fn instead_of_pkcs12(self) -> Option<&'static str> {
        match self {
            Self::Pkcs12 => None,
            Self::Pem => Some(
                "is PEM, not PKCS#12: name the certificate in client_cert_pem and its key in client_key_pem (the same \
                 file may serve for both)",
            ),
            Self::Certificate => Some(
                "is a certificate in DER without its key, not PKCS#12: ask for the .p12 or .pfx file that holds both",
            ),
            Self::Java => Some(
                "is no PKCS#12; it is a Java keystore, convert it: keytool -importkeystore -srckeystore client.jks \
                 -destkeystore client.p12 -deststoretype PKCS12",
            ),
            Self::Empty => Some("is an empty file"),
            Self::Other => Some(
                "is no PKCS#12 file (it does not begin as one); if it is text in base64: base64 -d client.b64 > \
                 client.p12",
            ),
        }
    }
}

const KEYTOOL: &str = "; it is a Java keystore, convert it: keytool -importkeystore -srckeystore client.jks \
                       -destkeystore client.p12 -deststoretype PKCS12, and name client.p12 in client_p12";
