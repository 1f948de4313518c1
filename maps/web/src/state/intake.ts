/** An import on its way: files, what they are taken for, what would come of them. */

import type {
  CheckDoc,
  DictionaryDoc,
  DraftDoc,
  DraftTask,
  KeptMapping,
  LayerWord,
  MappingDoc,
  PreviewDoc,
  PreviewTable,
  ResultDoc,
  SuggestedTable,
  SuggestionDoc,
  TableHead,
} from '../contract/intake'
import { emptyHistory, type History } from './history'
import type { TableKey } from './mapping'

export type Step = 'files' | 'mapping' | 'check' | 'result'
export const STEPS: Step[] = ['files', 'mapping', 'check', 'result']

export interface Upload {
  name: string
  bytes: number
  sent: number
  problem: string | null
}

export interface Working {
  task: DraftTask
  job: string | null
  stage: string | null
  done: number | null
  total: number | null
}

export interface IntakeState {
  step: Step
  dictionary: DictionaryDoc | null
  draft: DraftDoc | null
  /** Drafts of earlier days that can be taken up again. */
  earlier: DraftDoc[]
  uploads: Upload[]
  suggestion: SuggestionDoc | null
  mapping: MappingDoc | null
  history: History<MappingDoc>
  kept: KeptMapping[]
  /** The table whose columns are shown. */
  open: TableKey | null
  preview: PreviewDoc | null
  previewing: boolean
  previewError: string | null
  check: CheckDoc | null
  result: ResultDoc | null
  working: Working | null
  error: string | null
}

export function emptyIntake(): IntakeState {
  return {
    step: 'files',
    dictionary: null,
    draft: null,
    earlier: [],
    uploads: [],
    suggestion: null,
    mapping: null,
    history: emptyHistory<MappingDoc>(),
    kept: [],
    open: null,
    preview: null,
    previewing: false,
    previewError: null,
    check: null,
    result: null,
    working: null,
    error: null,
  }
}

/** A step is open once what it needs is there. */
export function isReached({ draft, suggestion, check, result }: IntakeState, step: Step): boolean {
  if (step === 'files') return true
  if (step === 'mapping') return draft !== null && suggestion?.kind === 'tables'
  if (step === 'check') return suggestion !== null || check !== null
  return result !== null
}

export const sameTable = (one: TableKey, other: TableKey | null): boolean =>
  other !== null && one.file === other.file && one.table === other.table

export function openTable({ suggestion, open }: IntakeState): SuggestedTable | null {
  return suggestion?.tables.find((one) => sameTable(one, open)) ?? null
}

export function headOf({ suggestion }: IntakeState, key: TableKey): TableHead | null {
  return suggestion?.heads.find((one) => sameTable(one, key)) ?? null
}

/** What a look says about a table: one entry for each layer made of it. */
export function seenOf({ preview }: IntakeState, key: TableKey): PreviewTable[] {
  return preview?.tables.filter((one) => sameTable(one, key)) ?? []
}

export function layerWord({ dictionary }: IntakeState, name: string | null): LayerWord | null {
  return dictionary?.layers.find((one) => one.name === name) ?? null
}

export function waitsForConsent({ check }: IntakeState): boolean {
  return check?.against?.removals.some((one) => one.is_much) ?? false
}
