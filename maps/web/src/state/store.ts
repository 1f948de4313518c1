/** All that the page knows at one moment. Panels read it, commands change it, nothing else does. */

import { reactive } from 'vue'
import type { Language } from '../contract/client'
import type { Candidate, NetworkInfo, RenewalDoc, SchemeSummary, SiteCardDoc } from '../contract/resources'
import type { LineGeometry, OptionDoc, Position, RequestDoc, SchemeDoc } from '../contract/wire'
import type { MapFeature } from '../map/port'
import { EMPTY_FORM, requestKey, type Form } from './form'
import { emptyHistory, type History } from './history'
import { emptyHydraulics, type Closure, type HydraulicsState } from './hydraulics'
import { emptyIntake, type IntakeState } from './intake'
import { emptyIssues, type IssuesState } from './issues'
import { emptyLife, type LifeRoom } from './life'
import type { StyleNotes } from './notes'
import { emptyVersions, type VersionsState } from './versions'
import { PLAIN, type Weighing } from './weighing'

export type Tab = 'scheme' | 'hydraulics' | 'renewal' | 'data'
export type DataView = 'import' | 'versions' | 'issues'
export type Tool = 'view' | 'site'

/** What undo brings back. */
export interface Snapshot {
  form: Form
  kept: RequestDoc | null
  schemeId: string | null
  rank: number | null
  computedFor: string
}

export interface Progress {
  stage: string | null
  done: number | null
  total: number | null
}

export interface CardState {
  position: Position
  feature: MapFeature | null
  doc: SiteCardDoc | null
  loading: boolean
  error: string | null
}

export interface RenewalFilter {
  certainty: string
  cause: string
  outcome: string
  decision: string
}

export interface State {
  language: Language
  network: NetworkInfo | null
  /** A version the server has taken up since this page was opened. */
  newVersion: string | null
  notes: StyleNotes | null
  startError: string | null
  tab: Tab
  dataView: DataView
  tool: Tool
  crosshair: boolean
  form: Form
  /** The request of the scheme that was opened: what the form has no field for goes with the next one for the same place. */
  kept: RequestDoc | null
  siteNote: string | null
  scheme: SchemeDoc | null
  rank: number | null
  /** Details of the selected option: offered beside the list where there is room, open when asked for. */
  detail: 'closed' | 'offered' | 'open'
  /** A place some list pointed at. */
  focus: Position | null
  /** Route of a point that lost, while it is looked at. */
  lost: LineGeometry | null
  /** requestKey of the form the shown scheme was computed for. */
  computedFor: string
  computing: Progress | null
  error: string | null
  past: SchemeSummary[]
  /** State by which the list of schemes is filtered; '' for all. */
  pastState: string
  life: LifeRoom
  weighing: Weighing
  /** `rule/kind` of the finding that is about to be overridden. */
  overriding: string | null
  /** Place among the rejected of the point that is about to be decided on. */
  pinning: number | null
  card: CardState | null
  /** Coordinates that were just copied: their button says so. */
  copied: string | null
  renewal: RenewalDoc | null
  renewalRun: Progress | null
  renewalJob: string | null
  renewalError: string | null
  renewalFilter: RenewalFilter
  pipeId: string | null
  hydraulics: HydraulicsState
  closure: Closure | null
  issues: IssuesState
  versions: VersionsState
  intake: IntakeState
  /** Who is working here, for the history. */
  person: string
  hidden: Record<string, boolean>
  colouring: string
  layersOpen: boolean
  helpOpen: boolean
  shortcuts: boolean
  mapFault: 'no-crs' | 'failed' | null
  history: History<Snapshot>
  spoken: string
}

export function createState(language: Language = 'zh'): State {
  return reactive<State>({
    language,
    network: null,
    newVersion: null,
    notes: null,
    startError: null,
    tab: 'scheme',
    dataView: 'versions',
    tool: 'site',
    crosshair: false,
    form: { ...EMPTY_FORM },
    kept: null,
    siteNote: null,
    scheme: null,
    rank: null,
    detail: 'closed',
    focus: null,
    lost: null,
    computedFor: '',
    computing: null,
    error: null,
    past: [],
    pastState: '',
    life: emptyLife(),
    weighing: { ...PLAIN },
    overriding: null,
    pinning: null,
    card: null,
    copied: null,
    renewal: null,
    renewalRun: null,
    renewalJob: null,
    renewalError: null,
    renewalFilter: { certainty: '', cause: '', outcome: '', decision: '' },
    pipeId: null,
    hydraulics: emptyHydraulics(),
    closure: null,
    issues: emptyIssues(),
    versions: emptyVersions(),
    intake: emptyIntake(),
    person: '',
    hidden: {},
    colouring: '',
    layersOpen: false,
    helpOpen: false,
    shortcuts: true,
    mapFault: null,
    history: emptyHistory<Snapshot>(),
    spoken: '',
  })
}

export function selectedOption(state: State): OptionDoc | null {
  return state.scheme?.options.find((option) => option.rank === state.rank) ?? null
}

export function isOutdated(state: State): boolean {
  return state.scheme !== null && requestKey(state.form, state.kept) !== state.computedFor
}

export function isGeographic(state: State): boolean {
  return state.network === null || state.network.crs !== null
}

export function snapshot(state: State): Snapshot {
  return {
    form: { ...state.form },
    kept: state.kept,
    schemeId: state.scheme?.id ?? null,
    rank: state.rank,
    computedFor: state.computedFor,
  }
}

export function shownCandidates(state: State): Candidate[] {
  const { certainty, cause, outcome, decision } = state.renewalFilter
  return (state.renewal?.candidates ?? []).filter(
    (one) =>
      (!certainty || one.certainty === certainty) &&
      (!cause || cause in one.causes) &&
      (!outcome || one.outcome_code === outcome) &&
      (!decision || (one.decision?.decision ?? 'none') === decision),
  )
}
