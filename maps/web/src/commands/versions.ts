import type { ChangeDoc, ChangeKind } from '../contract/data'
import type { Bounds } from '../contract/wire'
import { boundsOf } from '../text/geometry'
import { rowKey, type Asking } from '../state/versions'
import { always, say, sentenceOf, type Command, type Context } from './command'
import { openIssues } from './issues'
import { takeVersion } from './take-version'

export async function loadVersions(context: Context): Promise<void> {
  const { versions } = context.state
  try {
    const [list, history] = await Promise.all([context.api.versions(), context.api.history()])
    Object.assign(versions, { list, history, loaded: true, error: null })
  } catch (error) {
    versions.error = sentenceOf(context, error)
  }
}

/** Begin to roll back, agree or refuse: the form asks for a reason first. */
export const askReason: Command<Asking | null> = {
  disabled: always,
  run({ state }, asking) {
    state.versions.asking = asking
    state.versions.error = null
  },
}

export interface Decided {
  reason: string
  by: string
}

/** Do what was asked, with the reason that stands in the history. */
export const decideVersion: Command<Decided> = {
  disabled({ state }, { reason, by }) {
    if (state.versions.busy) return 'generate.busy'
    if (!reason.trim()) return 'versions.reason.required'
    return state.versions.asking?.what !== 'rollback' && !by.trim() ? 'versions.by.required' : null
  },
  async run(context, { reason, by }) {
    const { state, api } = context
    const { versions } = state
    const { asking } = versions
    if (asking === null) return
    versions.busy = true
    state.person = by.trim()
    try {
      if (asking.what === 'rollback') await api.rollBack(asking.version, reason.trim(), by.trim())
      else await api.consent(asking.version, asking.what === 'approve', reason.trim(), by.trim())
      versions.asking = null
      versions.error = null
      if (asking.what !== 'reject') await takeVersion.run(context, asking.version)
      await loadVersions(context)
      say(context, `versions.done.${asking.what}`, { version: asking.version })
    } catch (error) {
      versions.error = sentenceOf(context, error)
    } finally {
      versions.busy = false
    }
  },
}

export interface Pair {
  older: string
  newer: string
}

/** Count and draw what changed from one version to another. */
export const compareVersions: Command<Pair> = {
  disabled: (_context, { older, newer }) => (older && newer && older !== newer ? null : 'versions.compare.two'),
  async run(context, { older, newer }) {
    const { versions } = context.state
    Object.assign(versions, { older, newer, diff: null, comparing: true, layer: null, rows: [], row: null, error: null })
    try {
      const diff = await context.api.diff(older, newer, null)
      if (versions.older !== older || versions.newer !== newer) return
      versions.diff = diff
      if (diff.bounds) context.map.fit(diff.bounds)
    } catch (error) {
      versions.error = sentenceOf(context, error)
    } finally {
      versions.comparing = false
    }
  },
}

export const closeComparison: Command<void> = {
  disabled: ({ state }) => (state.versions.diff ? null : 'app.close'),
  run({ state: { versions } }) {
    Object.assign(versions, { diff: null, layer: null, rows: [], row: null })
  },
}

export const toggleChange: Command<ChangeKind> = {
  disabled: always,
  run({ state: { versions } }, kind) {
    const { hidden } = versions
    versions.hidden = hidden.includes(kind) ? hidden.filter((one) => one !== kind) : [...hidden, kind]
  },
}

/** List the changed things of a layer; close the list again. */
export const listChanges: Command<string> = {
  disabled: ({ state }) => (state.versions.diff ? null : 'versions.compare.two'),
  async run(context, layer) {
    const { versions } = context.state
    versions.layer = versions.layer === layer ? null : layer
    versions.rows = []
    if (versions.layer === null || versions.diff === null) return
    try {
      const answer = await context.api.diff(versions.diff.old, versions.diff.new, layer)
      if (versions.layer === layer) versions.rows = answer.features.features
    } catch (error) {
      versions.error = sentenceOf(context, error)
    }
  },
}

/** Go to a changed thing. */
export const selectChange: Command<ChangeDoc> = {
  disabled: always,
  run(context, change) {
    const { state, map } = context
    state.versions.row = rowKey(change)
    const bounds: Bounds | null = change.geometry && boundsOf(change.geometry)
    if (bounds) map.fit(bounds)
  },
}

/** Look at the issues of a version. */
export const showIssuesOf: Command<string> = {
  disabled: always,
  async run(context, version) {
    context.state.dataView = 'issues'
    await openIssues.run(context, version)
  },
}
