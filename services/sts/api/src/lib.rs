//! @generated
