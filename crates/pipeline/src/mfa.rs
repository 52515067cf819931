//! Codes of devices of multi-factor authentication: each is good once, and few wrong ones are heard.
//!
//! RFC 6238, sections 5.2 (a code is accepted once; one step of delay) and 6 (resynchronisation).

use std::ops::RangeInclusive;

use base::Secret;
use crypto::{STEP_SECONDS, TotpSeed};
use identity::{MfaDevice, MfaKind};

use crate::Lookup;

/// How far a device's clock may be from ours, in steps of thirty seconds.
#[derive(Clone, Copy, Debug)]
pub enum Window {
    /// Where a device is enabled: five minutes.
    Enabling,
    /// Where a device is out of step: two hours.
    Resynchronising,
}

impl Window {
    fn steps(self) -> i64 {
        match self {
            Window::Enabling => 10,
            Window::Resynchronising => 240,
        }
    }
}

/// Steps between a code's being shown and its being checked.
const DELAY: i64 = 1;

impl Lookup<'_> {
    /// The device as it is after this code, if the code is right and new. To be kept: it is what makes a code good once,
    /// also after a restart.
    pub fn after_code(&self, device: &MfaDevice, code: &Secret<String>) -> Option<MfaDevice> {
        let secret = secret_of(device);
        if !self.may_guess(&secret) {
            return None;
        }
        let steps = self.steps(device.drift_steps, DELAY);
        let unused = |step: &u64| *step > device.used_step;
        let shown = seed(device).steps_of(code.expose(), steps);
        let step = shown.into_iter().find(unused)?;
        let call = self.call();
        let new = call.core.used_codes.takes(&secret, step, call.received.id);
        if !new {
            return None;
        }
        self.guessed(&secret);
        Some(MfaDevice {
            used_step: step,
            ..device.clone()
        })
    }

    /// The device as it is after these two codes, if they follow one another and are new. Its clock is known from then
    /// on.
    pub fn after_codes(
        &self,
        device: &MfaDevice,
        codes: [&Secret<String>; 2],
        window: Window,
    ) -> Option<MfaDevice> {
        let secret = secret_of(device);
        if !self.may_guess(&secret) {
            return None;
        }
        let [first, second] = codes;
        let seed = seed(device);
        let steps = self.steps(0, window.steps());
        let follows = |step: &u64| {
            let next = step.saturating_add(1);
            *step > device.used_step && !seed.steps_of(second.expose(), next..=next).is_empty()
        };
        let shown = seed.steps_of(first.expose(), steps);
        // Of two places in time the one nearer to now is meant.
        let now = self.now_step();
        let step = shown
            .into_iter()
            .filter(follows)
            .min_by_key(|step| step.abs_diff(now))?;
        self.guessed(&secret);
        let used_step = step.saturating_add(1);
        Some(MfaDevice {
            used_step,
            drift_steps: used_step.cast_signed() - now.cast_signed(),
            ..device.clone()
        })
    }

    fn now_step(&self) -> u64 {
        let seconds = self.call().now().seconds();
        u64::try_from(seconds).unwrap_or_default() / STEP_SECONDS
    }

    fn steps(&self, drift: i64, around: i64) -> RangeInclusive<u64> {
        let now = self.now_step();
        now.saturating_add_signed(drift - around)..=now.saturating_add_signed(drift + around)
    }
}

fn seed(device: &MfaDevice) -> TotpSeed {
    let MfaKind::Virtual(seed) = &device.kind;
    TotpSeed::from_bytes(seed.clone())
}

fn secret_of(device: &MfaDevice) -> String {
    format!("code of {}", device.arn)
}
