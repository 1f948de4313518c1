import type { IssueDoc } from '../contract/data'
import type { MarkHit } from '../map/port'
import { kindKey, kindOf, shownKeys } from '../state/issues'
import { always, say, sentenceOf, type Command, type Context } from './command'

const CLOSE_ZOOM = 18
const GATHERED_STEP = 2

/** Count the issues of a version by kind and put their marks on the map. */
export const openIssues: Command<string> = {
  disabled: ({ state }) => (state.network?.version && !state.network.empty ? null : 'versions.none'),
  async run(context, version) {
    const { state } = context
    const { issues } = state
    if (issues.version === version && issues.error === null) return
    Object.assign(issues, { version, kinds: [], hidden: [], open: null, rows: [], selected: null, error: null, loading: true })
    try {
      const answer = await context.api.issueKinds(version)
      if (issues.version !== version) return
      issues.kinds = answer.kinds
      issues.total = answer.total
    } catch (error) {
      issues.error = sentenceOf(context, error)
    } finally {
      issues.loading = false
    }
  },
}

/** Show or hide kinds on the map, by key. */
export const toggleKinds: Command<string[]> = {
  disabled: always,
  run({ state: { issues } }, keys) {
    const allShown = keys.every((key) => !issues.hidden.includes(key))
    const others = issues.hidden.filter((key) => !keys.includes(key))
    issues.hidden = allShown ? [...others, ...keys] : others
    if (issues.selected && issues.hidden.includes(kindKey(issues.selected))) issues.selected = null
  },
}

/** Leave one kind on the map, or every kind again when it was alone. */
export const onlyKind: Command<string> = {
  disabled: always,
  run({ state: { issues } }, key) {
    const alone = shownKeys(issues).join() === key
    issues.hidden = alone ? [] : issues.kinds.map(kindKey).filter((one) => one !== key)
  },
}

/** Open the list of a kind under its name; close it again. */
export const listKind: Command<string> = {
  disabled: always,
  async run(context, key) {
    const { issues } = context.state
    issues.open = issues.open === key ? null : key
    issues.rows = []
    issues.rowsTotal = 0
    if (issues.open) await loadRows(context)
  },
}

export const moreIssues: Command<void> = {
  disabled: ({ state: { issues } }) => (issues.rows.length < issues.rowsTotal ? null : 'issues.all-shown'),
  run: (context) => loadRows(context),
}

async function loadRows(context: Context): Promise<void> {
  const { issues } = context.state
  const kind = kindOf(issues, issues.open)
  if (kind === null || issues.version === null) return
  const key = kindKey(kind)
  issues.loading = true
  try {
    const query = { kind: kind.kind, severity: kind.severity, offset: issues.rows.length }
    const page = await context.api.issues(issues.version, query)
    if (issues.open !== key) return
    issues.rows = [...issues.rows, ...page.issues]
    issues.rowsTotal = page.total
    issues.error = null
  } catch (error) {
    issues.error = sentenceOf(context, error)
  } finally {
    issues.loading = false
  }
}

/** Go to an issue and say what it is. */
export const selectIssue: Command<IssueDoc> = {
  disabled: always,
  run(context, issue) {
    const { state, map } = context
    state.card = null
    state.issues.selected = issue
    state.issues.hidden = state.issues.hidden.filter((key) => key !== kindKey(issue))
    if (issue.position) map.setView({ centre: issue.position, zoom: Math.max(map.view()?.zoom ?? 0, CLOSE_ZOOM) })
    say(context, 'issues.selected', { message: state.language === 'zh' ? issue.message : issue.message_en })
  },
}

export const closeIssue: Command<void> = {
  disabled: ({ state }) => (state.issues.selected ? null : 'app.close'),
  run({ state }) {
    state.issues.selected = null
  },
}

/** The next or former row of the open list. */
export const stepIssue: Command<1 | -1> = {
  disabled: (context, step) => (neighbourOf(context, step) ? null : 'issues.all-shown'),
  run(context, step) {
    const next = neighbourOf(context, step)
    if (next) return selectIssue.run(context, next)
  },
}

function neighbourOf({ state: { issues } }: Context, step: 1 | -1): IssueDoc | null {
  const at = issues.rows.findIndex((one) => one.id === issues.selected?.id)
  return at < 0 ? null : (issues.rows[at + step] ?? null)
}

/** A mark that stands for one issue tells it; one that stands for many comes nearer. */
export const clickMark: Command<MarkHit> = {
  disabled: always,
  async run(context, mark) {
    const { state, map, api } = context
    if (mark.id === null) {
      map.setView({ centre: mark.position, zoom: (map.view()?.zoom ?? 0) + GATHERED_STEP })
      return
    }
    const { version } = state.issues
    if (version === null) return
    try {
      state.issues.selected = await api.issue(version, mark.id)
      state.card = null
    } catch (error) {
      state.issues.error = sentenceOf(context, error)
    }
  },
}
