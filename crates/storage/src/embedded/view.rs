//! What readers see: rows in memory over rows in redb.

use super::base::{Base, BaseSnapshot};
use super::layer::{Layer, LayerRow, enough, over, visible};
use crate::history::{Current, History};
use crate::{AsOf, Changes, Expected, Order, Place, Span, StorageError, Version, Versioned};
use std::cell::OnceCell;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// The layers and the latest commit.
pub(super) struct View(RwLock<Layers>);

struct Layers {
    /// Takes in commits.
    active: Layer,
    /// On its way into redb; lies below `active`.
    frozen: Option<Arc<Layer>>,
    /// Redb has every commit up to this one; the layers have every later one.
    drained: Version,
    history: History,
}

impl Layers {
    fn get(&self, place: &Place) -> Option<&LayerRow> {
        self.active
            .get(place)
            .or_else(|| self.frozen.as_ref()?.get(place))
    }

    fn scan(&self, span: &Span, order: Order, limit: usize) -> Vec<(Place, LayerRow)> {
        match &self.frozen {
            None => enough(self.active.scan(span, order), limit),
            Some(frozen) => enough(
                over(
                    self.active.scan(span, order),
                    frozen.scan(span, order),
                    order,
                ),
                limit,
            ),
        }
    }
}

/// The rows of one group of commits, in order.
#[derive(Default)]
pub(super) struct Group {
    pub(super) rows: Layer,
    pub(super) places: Vec<(Version, Vec<Place>)>,
}

impl View {
    /// Shows `frozen`, which has the commits behind `drained` up to `latest`, over redb.
    pub(super) fn behind(frozen: Layer, drained: Version, latest: Version) -> Self {
        let frozen = (!frozen.is_empty()).then(|| Arc::new(frozen));
        Self(RwLock::new(Layers {
            active: Layer::default(),
            frozen,
            drained,
            history: History::from(latest),
        }))
    }

    pub(super) fn latest(&self) -> Version {
        self.read().history.latest()
    }

    pub(super) fn since(&self, version: Version) -> Changes {
        self.read().history.since(version)
    }

    pub(super) fn active_bytes(&self) -> usize {
        self.read().active.bytes()
    }

    pub(super) fn frozen(&self) -> Option<Arc<Layer>> {
        self.read().frozen.clone()
    }

    pub(super) fn get(
        &self,
        base: &Base,
        place: &Place,
    ) -> Result<AsOf<Option<Versioned>>, StorageError> {
        let (version, base) = {
            let layers = self.read();
            let version = layers.history.latest();
            if let Some(LayerRow {
                version: written,
                bytes,
            }) = layers.get(place).cloned()
            {
                return Ok(AsOf {
                    version,
                    found: bytes.map(|bytes| Versioned {
                        version: written,
                        bytes,
                    }),
                });
            }
            // Under the lock, so that no layer can leave for redb in between.
            (version, base.snapshot()?)
        };
        Ok(AsOf {
            version,
            found: base.get(place)?,
        })
    }

    pub(super) fn scan(
        &self,
        base: &Base,
        span: &Span,
        order: Order,
        limit: usize,
    ) -> Result<AsOf<Vec<(Place, Versioned)>>, StorageError> {
        let (version, above, base) = {
            let layers = self.read();
            let version = layers.history.latest();
            if span.is_empty() || limit == 0 {
                return Ok(AsOf {
                    version,
                    found: Vec::new(),
                });
            }
            (version, layers.scan(span, order, limit), base.snapshot()?)
        };
        Ok(AsOf {
            version,
            found: visible(above, base.scan(span, order)?, order, limit)?,
        })
    }

    /// How many rows `span` has. Copies none of redb's.
    pub(super) fn count(&self, base: &Base, span: &Span) -> Result<AsOf<usize>, StorageError> {
        let (version, above, base) = {
            let layers = self.read();
            let above = match span.is_empty() {
                true => Vec::new(),
                false => layers.scan(span, Order::Forward, usize::MAX),
            };
            (layers.history.latest(), above, base.snapshot()?)
        };
        let mut found = base.count(span)?;
        for (place, row) in above {
            match (base.version(&place)?.is_some(), row.bytes.is_some()) {
                (false, true) => found += 1,
                (true, false) => found -= 1,
                _ => {}
            }
        }
        Ok(AsOf { version, found })
    }

    /// Whether everything in `expected` holds, behind all commits and those of `group`.
    pub(super) fn holds(
        &self,
        base: &BaseOnce<'_>,
        group: &Group,
        expected: &[Expected],
    ) -> Result<bool, StorageError> {
        let layers = self.read();
        let untouched = expected.iter().all(|one| match one {
            Expected::Span { span, .. } => {
                span.is_empty() || group.rows.scan(span, Order::Forward).next().is_none()
            }
            Expected::Row { .. } => true,
        });
        let current = |place: &Place, as_of: Option<Version>| match group
            .rows
            .get(place)
            .or_else(|| layers.get(place))
        {
            Some(row) => Ok(Current::Written(row.bytes.is_some().then_some(row.version))),
            None if as_of.is_some_and(|as_of| as_of >= layers.drained) => Ok(Current::Untouched),
            None => base.version(place).map(Current::Written),
        };
        Ok(untouched && layers.history.holds(expected, current)?)
    }

    /// Shows the commits of `group`.
    pub(super) fn show(&self, group: Group) {
        let mut layers = self.write();
        layers.active.cover(group.rows);
        for (version, places) in group.places {
            layers.history.note(version, places.into_iter());
        }
    }

    /// Sets the active layer aside to be drained. There must be no other.
    pub(super) fn freeze(&self) -> Arc<Layer> {
        let mut layers = self.write();
        let frozen = Arc::new(std::mem::take(&mut layers.active));
        layers.frozen = Some(Arc::clone(&frozen));
        frozen
    }

    /// Lets go of the frozen layer: redb has every commit up to `drained`.
    pub(super) fn thaw(&self, drained: Version) {
        let mut layers = self.write();
        layers.frozen = None;
        layers.drained = drained;
    }

    /// Everything that redb may not have yet, as one layer.
    pub(super) fn merged(&self) -> Layer {
        let layers = self.read();
        let mut merged = layers.frozen.as_deref().cloned().unwrap_or_default();
        merged.cover(layers.active.clone());
        merged
    }

    /// Lets go of all layers: redb has them.
    pub(super) fn clear(&self) {
        let mut layers = self.write();
        layers.active = Layer::default();
        layers.frozen = None;
        layers.drained = layers.history.latest();
    }

    fn read(&self) -> RwLockReadGuard<'_, Layers> {
        // What runs under the lock does not panic; if it did, readers would still see whole layers.
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Layers> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Redb's rows for the checks of one group, looked at only if a check asks.
pub(super) struct BaseOnce<'a> {
    base: &'a Base,
    snapshot: OnceCell<BaseSnapshot>,
}

impl<'a> BaseOnce<'a> {
    pub(super) fn of(base: &'a Base) -> Self {
        Self {
            base,
            snapshot: OnceCell::new(),
        }
    }

    fn version(&self, place: &Place) -> Result<Option<Version>, StorageError> {
        if let Some(snapshot) = self.snapshot.get() {
            return snapshot.version(place);
        }
        let snapshot = self.base.snapshot()?;
        let version = snapshot.version(place);
        let _ = self.snapshot.set(snapshot);
        version
    }
}
