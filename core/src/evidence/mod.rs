//! Photos as evidence: streamed once through digest and cipher into a vault file named by the digest.
