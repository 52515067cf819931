//! One constructor a situation, with AWS's message.
