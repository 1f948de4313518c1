import type { DataView, Tab } from '../state/store'
import { always, type Command, type Context } from './command'
import { openIntake } from './intake/open'
import { openIssues } from './issues'
import { loadRuns } from './hydraulics'
import { loadRenewal } from './renewal'
import { loadVersions } from './versions'

/** Go to another room of the page and fetch what it shows first. */
export const showTab: Command<Tab> = {
  disabled: always,
  async run(context, tab) {
    const { state } = context
    state.tab = tab
    if (tab !== 'scheme') Object.assign(state, { tool: 'view', crosshair: false })
    state.issues.selected = null
    if (tab === 'renewal' && state.renewal === null) await loadRenewal(context)
    if (tab === 'hydraulics') await loadRuns(context)
    if (tab === 'data') await openView(context)
  },
}

/** Versions, issues or import: the parts of the data room. */
export const showDataView: Command<DataView> = {
  disabled: always,
  async run(context, view) {
    context.state.dataView = view
    context.state.issues.selected = null
    await openView(context)
  },
}

async function openView(context: Context): Promise<void> {
  const { state } = context
  if (state.dataView === 'import') await openIntake(context)
  if (state.dataView === 'versions') await loadVersions(context)
  const version = state.issues.version ?? (state.network?.empty ? null : state.network?.version)
  if (state.dataView === 'issues' && version) await openIssues.run(context, version)
}
