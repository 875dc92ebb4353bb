//! The kinds of rows that a batch writes.

macro_rules! writes {
    ($($name:ident,)*) => {
        /// One kind of row that is written. The adapters have a statement for each, in this order.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        #[expect(missing_docs, reason = "named after their tables")]
        pub enum Write { $($name,)* }

        impl Write {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];
        }
    };
}

writes! {
    NewChangeLog,
    NewTenantObject,
    NewClientSecret,
    NewPersonalKey,
    NewPersonal,
    NewCases,
    ChangedCases,
    NewPayment,
    ChangedPayment,
    NewAttempt,
    ChangedAttempt,
    NewPosten,
    NewRecord,
    NewBooking,
    NewBookingLine,
    Balance,
    NewException,
    FiledStatement,
    FiledList,
    NewMatch,
    NewResolution,
    NewPayoutOrder,
    ClaimedDetail,
    NewClosing,
    FiledClosing,
    NewClosingSignature,
    NewPostingFile,
    NewPostingLine,
    NewPostingWithdrawal,
    NewPostingWithdrawn,
    RowRev,
    NewEvent,
    NewDelivery,
    ChangedDelivery,
    BlockedDelivery,
    NewWatch,
    ChangedWatch,
    WokenWatch,
    NewReading,
    NewReceipt,
    WholeReading,
    ConfirmedReadings,
    NewTargetStop,
    NewProviderCall,
    PoolRange,
    ReleasedKeys,
    ChangedLogHead,
}
