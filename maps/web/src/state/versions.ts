/** Versions of the network as the page shows them, and the comparison of two. */

import type { ChangeDoc, ChangeKind, DiffDoc, HistoryDoc, VersionDoc } from '../contract/data'

export const CHANGE_KINDS: ChangeKind[] = ['added', 'changed', 'removed']

/** What a person is about to do with a version, once a reason is given. */
export interface Asking {
  version: string
  what: 'rollback' | 'approve' | 'reject'
}

export interface VersionsState {
  list: VersionDoc[]
  history: HistoryDoc[]
  loaded: boolean
  error: string | null
  asking: Asking | null
  busy: boolean
  older: string
  newer: string
  diff: DiffDoc | null
  comparing: boolean
  /** Kinds of change that are switched off on the map. */
  hidden: ChangeKind[]
  /** Layer whose changed things are listed. */
  layer: string | null
  rows: ChangeDoc[]
  /** `layer/id` of the thing that was pointed at. */
  row: string | null
}

export function emptyVersions(): VersionsState {
  return {
    list: [],
    history: [],
    loaded: false,
    error: null,
    asking: null,
    busy: false,
    older: '',
    newer: '',
    diff: null,
    comparing: false,
    hidden: [],
    layer: null,
    rows: [],
    row: null,
  }
}

export function rowKey(one: ChangeDoc): string {
  return `${one.properties.layer}/${one.properties.id}`
}

/** The newest entry of the history about a version: who made it what it is, and why. */
export function lastWord(versions: VersionsState, version: string): HistoryDoc | null {
  return versions.history.findLast((one) => one.version === version) ?? null
}

export function waiting(versions: VersionsState): VersionDoc[] {
  return versions.list.filter((one) => one.state === 'pending')
}
