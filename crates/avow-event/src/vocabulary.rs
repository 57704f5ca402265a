//! The closed vocabularies: what can have happened, how it ended, what class
//! of data it touched.
//!
//! Action names follow the processing operations of the W3C Data Privacy
//! Vocabulary (DPV 2), with the duties around them added.

macro_rules! vocabulary {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// Every value, in the order of the specification.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in a leaf.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The value of that name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($text => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

vocabulary! {
    /// What happened.
    Action {
        /// Data was gathered (DPV `Collect`).
        Collect = "collect",
        /// Data was put where it stays (DPV `Store`).
        Store = "store",
        /// Data was used for a purpose (DPV `Use`).
        Use = "use",
        /// Data was read (DPV `Access`).
        Access = "access",
        /// Data was changed (DPV `Modify`).
        Modify = "modify",
        /// A second copy was made (DPV `Copy`).
        Copy = "copy",
        /// Data was moved to another place (DPV `Transfer`).
        Transfer = "transfer",
        /// Data was given to somebody else (DPV `Disclose`).
        Disclose = "disclose",
        /// Data was deleted (DPV `Erase`).
        Erase = "erase",
        /// Data was made anonymous (DPV `Anonymise`).
        Anonymise = "anonymise",
        /// A person was told something.
        Inform = "inform",
        /// A person agreed.
        Consent = "consent",
        /// A person took an agreement back.
        Withdraw = "withdraw",
        /// Something was asked for.
        Request = "request",
        /// Somebody allowed a request.
        Approve = "approve",
        /// Somebody refused a request.
        Deny = "deny",
        /// A permission was taken back.
        Revoke = "revoke",
        /// Erasure was suspended.
        Hold = "hold",
        /// A hold ended.
        Release = "release",
        /// An authority or a person was notified.
        Notify = "notify",
        /// Something went wrong.
        Incident = "incident",
        /// An assessment took place.
        Assess = "assess",
        /// Something was made public.
        Publish = "publish",
        /// A weakness was found.
        Find = "find",
        /// A weakness was mended.
        Fix = "fix",
        /// A system's settings were changed or recorded.
        Configure = "configure",
        /// Somebody signed in.
        Login = "login",
        /// A source says that it is alive.
        Heartbeat = "heartbeat",
        /// A source says that evidence is missing.
        Gap = "gap",
    }
}

vocabulary! {
    /// How it ended.
    Outcome {
        /// It took effect.
        Success = "success",
        /// It failed.
        Failure = "failure",
        /// It was refused for want of authorisation.
        Denied = "denied",
    }
}

vocabulary! {
    /// The class of the data concerned.
    Category {
        /// Data about a person.
        Personal = "personal",
        /// Data about a person that the law protects more strongly.
        Sensitive = "sensitive",
        /// Data that the law of the place calls important.
        Important = "important",
        /// Any other data.
        Other = "other",
    }
}
