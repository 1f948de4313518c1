import { describe, expect, it, vi } from 'vitest'
import { clickMark, closeIssue, listKind, moreIssues, onlyKind, openIssues, selectIssue, stepIssue, toggleKinds } from '../src/commands/issues'
import { showDataView, showTab } from '../src/commands/show-tab'
import { askReason, compareVersions, decideVersion, listChanges, selectChange, toggleChange } from '../src/commands/versions'
import { Failure } from '../src/contract/client'
import type { DiffDoc, IssueDoc, IssueKindDoc, VersionDoc } from '../src/contract/data'
import { drawnChanges, drawnMarks } from '../src/map/sync'
import { shownKeys } from '../src/state/issues'
import { boundsOf } from '../src/text/geometry'
import { context, type TestContext } from './builders'

const KINDS: IssueKindDoc[] = [
  { kind: 'no-sources', severity: 'error', count: 1, placed: 0, name: '没有水源', name_en: 'No source' },
  { kind: 'ends-apart', severity: 'repaired', count: 3, placed: 3, name: '端点未接上', name_en: 'Ends apart' },
]

function issue(id: string, more: Partial<IssueDoc> = {}): IssueDoc {
  return {
    id, kind: 'ends-apart', severity: 'repaired', subject: 'J1', layer: 'nodes', layer_label: '节点', layer_label_en: 'Nodes',
    position: [117.01, 36.65], message: '端点未接上', message_en: 'Ends apart', repair: '已接上', repair_en: 'Joined',
    name: '端点未接上', name_en: 'Ends apart', place: {}, ...more,
  }
}

async function withIssues(): Promise<TestContext> {
  const rows = [issue('A'), issue('B'), issue('C')]
  const page = context({
    issueKinds: (version) => Promise.resolve({ version, total: 4, kinds: KINDS }),
    issues: (_version, { offset }) => Promise.resolve({ total: 3, offset, issues: rows.slice(offset, offset + 2) }),
    issue: (_version, id) => Promise.resolve(issue(id)),
  })
  page.state.tab = 'data'
  await showDataView.run(page, 'issues')
  return page
}

const tilesOf = (version: string): string => `t/${version}`

describe('issues', () => {
  it('are counted and drawn when their list is opened, and gone from the map when it is left', async () => {
    const page = await withIssues()
    expect(page.state.issues.total).toBe(4)
    expect(drawnMarks(page.state, tilesOf)).toEqual({ tiles: 't/v1', shown: ['no-sources|error', 'ends-apart|repaired'] })
    await showTab.run(page, 'scheme')
    expect(drawnMarks(page.state, tilesOf)).toBeNull()
  })
  it('are hidden by kind, alone or all but one', async () => {
    const page = await withIssues()
    toggleKinds.run(page, ['no-sources|error'])
    expect(shownKeys(page.state.issues)).toEqual(['ends-apart|repaired'])
    toggleKinds.run(page, ['no-sources|error'])
    onlyKind.run(page, 'no-sources|error')
    expect(shownKeys(page.state.issues)).toEqual(['no-sources|error'])
    onlyKind.run(page, 'no-sources|error')
    expect(shownKeys(page.state.issues)).toHaveLength(2)
  })
  it('are listed in pages and walked one by one', async () => {
    const page = await withIssues()
    await listKind.run(page, 'ends-apart|repaired')
    expect(page.state.issues.rows.map((one) => one.id)).toEqual(['A', 'B'])
    await moreIssues.run(page)
    expect(page.state.issues.rows.map((one) => one.id)).toEqual(['A', 'B', 'C'])
    expect(moreIssues.disabled(page)).not.toBeNull()
    await selectIssue.run(page, page.state.issues.rows[0]!)
    expect(page.map.at).toEqual({ centre: [117.01, 36.65], zoom: 18 })
    await stepIssue.run(page, 1)
    expect(page.state.issues.selected?.id).toBe('B')
    expect(page.state.spoken).toContain('端点未接上')
    closeIssue.run(page)
    expect(page.state.issues.selected).toBeNull()
  })
  it('tell themselves when their mark is clicked; a mark of many comes nearer', async () => {
    const page = await withIssues()
    await clickMark.run(page, { id: 'B', position: [117, 36.6] })
    expect(page.state.issues.selected?.id).toBe('B')
    page.map.at = { centre: [0, 0], zoom: 12 }
    await clickMark.run(page, { id: null, position: [117, 36.6] })
    expect(page.map.at).toEqual({ centre: [117, 36.6], zoom: 14 })
  })
  it('say why they cannot be read', async () => {
    const page = context({ issueKinds: () => Promise.reject(new Failure('refused', { zh: '版本已损坏', en: 'damaged' }, 503)) })
    await openIssues.run(page, 'v9')
    expect(page.state.issues).toMatchObject({ error: '版本已损坏', loading: false })
  })
})

const VERSIONS: VersionDoc[] = [
  { version: 'v0', state: 'published', current: false, created: '2026-01-01T00:00:00Z' },
  { version: 'v1', state: 'published', current: true, parent: 'v0', created: '2026-02-01T00:00:00Z' },
]
const DIFF: DiffDoc = {
  old: 'v0', new: 'v1', layers: { pipes: { added: 1, changed: 1, removed: 0 } }, attributes: { pipes: { dn: 1 } }, labels: {},
  bounds: [117, 36, 118, 37], limit: 0, left_off: {}, features: { features: [] },
}

function withVersions(answers = {}): TestContext {
  return context({ versions: () => Promise.resolve(VERSIONS), diff: () => Promise.resolve(DIFF), ...answers })
}

describe('versions', () => {
  it('are compared on the map, kind by kind', async () => {
    const page = withVersions()
    page.state.tab = 'data'
    expect(compareVersions.disabled(page, { older: 'v1', newer: 'v1' })).not.toBeNull()
    await compareVersions.run(page, { older: 'v0', newer: 'v1' })
    expect(page.map.fitted).toEqual([117, 36, 118, 37])
    toggleChange.run(page, 'removed')
    const drawn = drawnChanges(page.state, (older, newer) => `${older}-${newer}`)
    expect(drawn).toEqual({ tiles: 'v0-v1', shown: ['added', 'changed'], row: null })
  })
  it('list the changed things of a layer and go to one', async () => {
    const change = {
      geometry: { type: 'LineString', coordinates: [[117.1, 36.2], [117.2, 36.1]] },
      properties: { layer: 'pipes', id: 'P1', change: 'changed' as const, fields: ['dn'], before: { dn: 100 }, after: { dn: 200 } },
    }
    const diff = vi.fn().mockResolvedValue({ ...DIFF, features: { features: [change] } })
    const page = withVersions({ diff })
    await compareVersions.run(page, { older: 'v0', newer: 'v1' })
    await listChanges.run(page, 'pipes')
    expect(diff).toHaveBeenLastCalledWith('v0', 'v1', 'pipes')
    await selectChange.run(page, page.state.versions.rows[0]!)
    expect(page.state.versions.row).toBe('pipes/P1')
    expect(page.map.fitted).toEqual([117.1, 36.1, 117.2, 36.2])
  })
  it('are rolled back to for a reason, and the page goes over to them', async () => {
    const rollBack = vi.fn().mockResolvedValue(undefined)
    const network = { version: 'v0', source: 's', synthetic: false, crs: 'EPSG:4548', bounds: null, counts: {} }
    const page = withVersions({ rollBack, network: () => Promise.resolve(network), style: () => Promise.resolve({ metadata: {} }) })
    askReason.run(page, { version: 'v0', what: 'rollback' })
    expect(decideVersion.disabled(page, { reason: ' ', by: '' })).toBe('versions.reason.required')
    await decideVersion.run(page, { reason: '口径有误', by: '李工' })
    expect(rollBack).toHaveBeenCalledWith('v0', '口径有误', '李工')
    expect(page.state.network?.version).toBe('v0')
    expect(page.map.style).toEqual({ metadata: {} })
    expect(page.state).toMatchObject({ person: '李工', versions: { asking: null, error: null } })
  })
  it('need a name for consent, and say when the same person asks twice', async () => {
    const consent = vi.fn().mockRejectedValue(new Failure('refused', { zh: '本人不能同意自己的导入', en: 'not oneself' }, 403))
    const page = withVersions({ consent })
    askReason.run(page, { version: 'v2', what: 'approve' })
    expect(decideVersion.disabled(page, { reason: '核对过', by: '' })).toBe('versions.by.required')
    await decideVersion.run(page, { reason: '核对过', by: '王工' })
    expect(page.state.versions).toMatchObject({ error: '本人不能同意自己的导入', asking: { version: 'v2' }, busy: false })
  })
})

describe('extents', () => {
  it('are those of all coordinates of a shape', () => {
    expect(boundsOf({ coordinates: [[[1, 2], [3, -4]], [[0, 9]]] })).toEqual([0, -4, 3, 9])
    expect(boundsOf({ coordinates: [] })).toBeNull()
  })
})
