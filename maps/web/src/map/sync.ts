/** Reads the state and says what the map should show: routes, places, focus, candidates. Old figures are not shown. */

import type { CheckDoc, SketchFeature } from '../contract/intake'
import type { CheckDoc as PressureCheck, Position } from '../contract/wire'
import { translate } from '../messages/translate'
import { isOutdated, selectedOption, shownCandidates, type State } from '../state/store'
import { seenOf } from '../state/intake'
import { shownKeys } from '../state/issues'
import { CHANGE_KINDS } from '../state/versions'
import type { DrawnChanges, DrawnClosure, DrawnFigures, DrawnMarks, DrawnPlace, DrawnRoute, DrawnSketch } from './port'

export function drawnRoutes(state: State): DrawnRoute[] {
  if (state.tab !== 'scheme') return []
  const lost = state.lost && state.scheme ? [{ rank: 0, selected: false, feasible: true, geometry: state.lost }] : []
  const routes = (state.scheme?.options ?? []).map((option) => ({
    rank: option.rank,
    selected: option.rank === state.rank && !isOutdated(state),
    feasible: option.feasible,
    geometry: option.route.geometry,
  }))
  return [...lost, ...routes, ...secondRoute(state)]
}

/** How the second inlet of the selected option runs. */
function secondRoute(state: State): DrawnRoute[] {
  const option = isOutdated(state) ? null : selectedOption(state)
  const second = option?.inlets?.second
  if (!option || !second?.route) return []
  return [{ rank: option.rank, selected: false, second: true, feasible: second.feasible !== false, geometry: second.route.geometry }]
}

/** What is shut and dry while a closure is looked at. */
export function drawnClosure({ closure }: State): DrawnClosure | null {
  if (!closure?.doc) return null
  const { pipe_ids: pipes, valve_positions: places = {} } = closure.doc
  return { pipes, valves: Object.entries(places).map(([id, position]) => ({ id, position, failed: false })) }
}

export function drawnPlaces(state: State): DrawnPlace[] {
  if (state.tab !== 'scheme') return []
  const places: DrawnPlace[] = []
  const { language } = state
  const option = selectedOption(state)
  if (option) {
    places.push(...neighbours(option.check))
    const { connection } = option
    const name = connection.tapoff_id ?? translate(language, 'option.new-tap')
    places.push({ kind: 'tie-in', position: connection.position, label: `${name} DN${connection.dn}` })
    const second = option.inlets?.second?.connection
    if (second) {
      const label = `${translate(language, 'second.title')}\n${second.tapoff_id ?? translate(language, 'option.new-tap')} DN${second.dn}`
      places.push({ kind: 'tie-in', position: second.position, label })
    }
  }
  if (state.form.position) {
    places.push({ kind: 'site', position: state.form.position, label: siteLabel(state) })
  }
  return places
}

/** Spare flow or outages while their room is open. */
export function drawnFigures(state: State): DrawnFigures | null {
  const { shown, map, hidden } = state.hydraulics
  if (state.tab !== 'hydraulics' || shown === null || map === null) return null
  const places = map.classes.map((one) => one.class).filter((place) => !hidden.includes(place))
  return { kind: shown, tiles: map.tiles, classes: map.classes, shown: places }
}

export function focusOf(state: State): Position | null {
  return state.focus ?? state.card?.position ?? null
}

/** Candidates that pass the filter, by pipe id; nothing while the other tab is open. */
export function drawnCandidates(state: State): Map<string, string> {
  if (state.tab !== 'renewal') return new Map()
  return new Map(shownCandidates(state).map((one) => [one.pipe_id, one.certainty]))
}

/** Issues on the map while their list is open. */
export function drawnMarks(state: State, tilesOf: (version: string) => string): DrawnMarks | null {
  const { tab, dataView, issues } = state
  if (tab !== 'data' || dataView !== 'issues' || issues.version === null || !issues.kinds.length) return null
  return { tiles: tilesOf(issues.version), shown: shownKeys(issues) }
}

/** What changed between the compared versions while the comparison is open. */
export function drawnChanges(state: State, tilesOf: (older: string, newer: string) => string): DrawnChanges | null {
  const { tab, dataView, versions } = state
  if (tab !== 'data' || dataView !== 'versions' || versions.diff === null) return null
  const shown = CHANGE_KINDS.filter((kind) => !versions.hidden.includes(kind))
  return { tiles: tilesOf(versions.diff.old, versions.diff.new), shown, row: versions.row }
}

/** Of an import on its way: what a look has read, or what a check says would happen. */
export function drawnSketch(state: State): DrawnSketch | null {
  const { tab, dataView, intake } = state
  if (tab !== 'data' || dataView !== 'import' || intake.step === 'result') return null
  if (intake.step === 'check' && intake.check) return { features: checkSketch(intake.check), layer: null }
  if (intake.preview === null || intake.preview.crs === null) return null
  const [seen] = intake.open ? seenOf(intake, intake.open) : []
  return { features: intake.preview.features.features, layer: seen?.layer ?? null }
}

function checkSketch({ against, examples }: CheckDoc): SketchFeature[] {
  const changes = against?.features.features ?? []
  const doubts = examples.flatMap(({ id, severity, position }) =>
    position ? [{ type: 'Feature' as const, geometry: { type: 'Point', coordinates: position }, properties: { id, severity } }] : [],
  )
  return [...changes.map((one) => ({ type: 'Feature' as const, geometry: one.geometry, properties: { ...one.properties } })), ...doubts]
}

function siteLabel(state: State): string {
  const option = selectedOption(state)
  const name = translate(state.language, 'map.site-marker')
  if (!option || isOutdated(state)) return name
  const { site_pressure_before_mpa: before, site_pressure_after_mpa: after } = option.check
  return `${name}\n${before} → ${after} MPa`
}

function neighbours(check: PressureCheck): DrawnPlace[] {
  const below = check.newly_below_limit.map((one) => ({ ...one, kind: 'below' as const }))
  const known = new Set(below.map((one) => one.node_id))
  const worst = check.worst_neighbour
  const others = worst && !known.has(worst.node_id) ? [{ ...worst, kind: 'neighbour' as const }] : []
  return [...others, ...below].flatMap(({ kind, position, pressure_before_mpa: before, pressure_after_mpa: after }) =>
    position ? [{ kind, position, label: `${before} → ${after} MPa` }] : [],
  )
}
