//! What a name, a topic or a message may contain.
