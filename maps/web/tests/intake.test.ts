import { describe, expect, it, vi } from 'vitest'
import { createSSRApp, h } from 'vue'
import { renderToString } from 'vue/server-renderer'
import { chooseLayer, chooseUnit, mapColumn, mapWord, redoMapping, tellCrs, undoMapping } from '../src/commands/intake/edit'
import { bringFiles, discardDraft, nextImport, removeFile } from '../src/commands/intake/files'
import { keepMapping, loadMapping } from '../src/commands/intake/mapping-files'
import { openIntake, takeDraft } from '../src/commands/intake/open'
import { goStep } from '../src/commands/intake/steps'
import { cancelTask, checkDraft, publishDraft } from '../src/commands/intake/tasks'
import { showDataView } from '../src/commands/show-tab'
import { undo } from '../src/commands/undo'
import { Failure } from '../src/contract/client'
import type { CheckDoc, DictionaryDoc, DraftDoc, MappingDoc, PreviewDoc, SuggestionDoc } from '../src/contract/intake'
import { drawnSketch } from '../src/map/sync'
import { CONTEXT } from '../src/panels/context'
import CheckStep from '../src/panels/intake/CheckStep.vue'
import MappingStep from '../src/panels/intake/MappingStep.vue'
import { columnsOf, fits, literal, usesOf, withCode, withColumn, withConstant, withLayer, withUnit, withWhere } from '../src/state/mapping'
import { CRS_CODES } from '../src/text/crs-codes'
import { fileSize } from '../src/text/figures'
import { context, job, type TestContext } from './builders'

const KEY = { file: '管段[1].csv', table: '管段' }
const MAPPING: MappingDoc = {
  format: 1,
  layer: [
    { layer: 'pipes', file: '管段[[]1].csv', table: '管段', x: 'X1', fields: { pipe_id: '编号', dn: { column: '口径', unit: 'mm' }, status: { value: 'open' } } },
    { layer: 'valves', file: '阀门.csv', fields: { valve_id: '编号' } },
  ],
}

describe('patterns of mapping files', () => {
  it.each([
    ['ky4_pipes*.geojson', 'KY4_pipes_2.geojson', true],
    ['a?.shp', 'a1.shp', true],
    ['a?.shp', 'a12.shp', false],
    ['管段[12].csv', '管段2.csv', true],
    ['管段[!12].csv', '管段2.csv', false],
    ['a.b', 'axb', false],
    [literal('管[段]*?.csv'), '管[段]*?.csv', true],
    [literal('a*.csv'), 'ab.csv', false],
  ])('%s against %s is %s', (pattern, text, expected) => {
    expect(fits(pattern, text)).toBe(expected)
  })
})

describe('editing a mapping', () => {
  it('moves a column to another attribute and keeps its unit', () => {
    const next = withColumn(MAPPING, KEY, '口径', { rule: 0, attribute: 'inner_diameter_m' })
    expect(next.layer?.[0]?.fields).toEqual({ pipe_id: '编号', status: { value: 'open' }, inner_diameter_m: { column: '口径', unit: 'mm' } })
    expect(MAPPING.layer?.[0]?.fields).toHaveProperty('dn')
  })
  it('takes a column back, places too', () => {
    expect(withColumn(MAPPING, KEY, 'X1', null).layer?.[0]).not.toHaveProperty('x')
    expect(usesOf(withColumn(MAPPING, KEY, '编号', null), KEY, '编号')).toEqual([])
  })
  it('never touches the rules of other tables', () => {
    expect(withColumn(MAPPING, KEY, '编号', null).layer?.[1]).toEqual(MAPPING.layer?.[1])
  })
  it('gives units, words and constants, and writes plainly what needs no more', () => {
    const dn = { rule: 0, attribute: 'dn' }
    expect(withUnit(MAPPING, dn, null).layer?.[0]?.fields?.dn).toBe('口径')
    const coded = withCode(MAPPING, { rule: 0, attribute: 'pipe_id' }, '竹管', 'PVC')
    expect(coded.layer?.[0]?.fields?.pipe_id).toEqual({ column: '编号', codes: { 竹管: 'PVC' } })
    expect(withCode(coded, { rule: 0, attribute: 'pipe_id' }, '竹管', null).layer?.[0]?.fields?.pipe_id).toBe('编号')
    expect(withConstant(MAPPING, { rule: 0, attribute: 'role' }, 'main').layer?.[0]?.fields?.role).toEqual({ value: 'main' })
    expect(withWhere(MAPPING, 0, '状态', ['1', '2']).layer?.[0]?.where).toEqual({ 状态: ['1', '2'] })
    expect(withWhere(withWhere(MAPPING, 0, '状态', ['1']), 0, '状态', []).layer?.[0]).not.toHaveProperty('where')
  })
  it('leaves a table out, brings it back, and keeps what the new layer knows', () => {
    const none = withLayer(MAPPING, KEY, null, () => true)
    expect(none.layer).toHaveLength(1)
    const back = withLayer(none, KEY, 'valves', () => true)
    expect(back.layer?.at(-1)).toEqual({ layer: 'valves', file: '管段[[]1].csv', table: '管段', fields: {} })
    expect(withLayer(MAPPING, KEY, 'hydrants', (name) => name === 'dn').layer?.[0]).toMatchObject({ layer: 'hydrants', fields: { dn: { column: '口径' } } })
  })
  it('knows columns that fill one another', () => {
    expect(columnsOf({ columns: ['附属物', '特征'] })).toEqual(['附属物', '特征'])
    const two: MappingDoc = { format: 1, layer: [{ layer: 'nodes', fields: { kind: { columns: ['附属物', '特征'] } } }] }
    expect(withColumn(two, KEY, '附属物', null).layer?.[0]?.fields?.kind).toEqual({ columns: ['特征'] })
  })
})

const column = (name: string, attribute: string | null, unread: string[] = []): SuggestionDoc['tables'][0]['columns'][0] => ({
  column: name, attribute, confidence: attribute ? 'high' : null, why: '名称相符', why_en: 'by name', samples: ['1', '2'], filled_share: 0.5, unread,
})
const SUGGESTION: SuggestionDoc = {
  kind: 'tables',
  tables: [
    {
      file: '管段.csv', table: '管段', kind: 'csv', rows: 3, geometry: null, crs: null, layer: 'pipes', confidence: 'high', why: '', why_en: '', problem: null,
      columns: [column('编号', 'pipe_id'), column('口径', 'dn'), column('材质', 'material', ['<b>竹管</b>']), column('备注', null)],
    },
  ],
  document: { format: 1, layer: [{ layer: 'pipes', file: '管段.csv', table: '管段', fields: { pipe_id: '编号', dn: '口径', material: '材质' } }] },
  heads: [{ file: '管段.csv', table: '管段', columns: ['编号', '口径', '材质', '备注'], rows: [{ row: 2, values: ['G1', 'DN200', '<b>竹管</b>', null] }] }],
}
const PREVIEW: PreviewDoc = {
  crs: 'EPSG:4548', crs_name: 'CGCS2000 / 3-degree Gauss-Kruger CM 117E', skipped: [], drawn: 1, shapes: 1, issues: [],
  features: { type: 'FeatureCollection', features: [{ type: 'Feature', geometry: { type: 'LineString', coordinates: [[117, 36], [117.1, 36.1]] }, properties: { layer: 'pipes' } }] },
  tables: [
    {
      file: '管段.csv', table: '管段', layer: 'pipes', layer_label: '供水管段', count: 3, rows: [{ row: 2, pipe_id: 'G1', dn: 200, material: null }], columns: [],
      labels: { pipe_id: ['管段编号', 'Pipe ID'], dn: ['公称直径', 'DN'], material: ['管材', 'Material'] }, issues: [],
      doubts: [{ row: 2, column: '材质', kind: 'code-unknown', severity: 'warning', message: '第 2 行的“竹管”不在代码表中', message_en: 'unknown' }],
    },
  ],
}
const attribute = (name: string, label: string, units: string[] = [], codes = {}): DictionaryDoc['layers'][0]['attributes'][0] => ({
  name, label, label_en: name, type: 'text', units, required: false, codes,
})
const DICTIONARY: DictionaryDoc = {
  layers: [
    {
      name: 'pipes', label: '供水管段', label_en: 'Pipes', geometry: 'LineString', id: 'pipe_id',
      attributes: [attribute('pipe_id', '管段编号'), attribute('dn', '公称直径', ['mm', 'in', 'm']), attribute('material', '管材', [], { PVC: ['聚氯乙烯', 'PVC'] })],
    },
    { name: 'valves', label: '阀门', label_en: 'Valves', geometry: 'Point', id: 'valve_id', attributes: [attribute('dn', '公称直径', ['mm'])] },
  ],
  surveys: {},
  limits: { file_bytes: 2e9, draft_bytes: 4e9, files: 400, suffixes: ['.csv'] },
}
const CHECK: CheckDoc = {
  version: 'vX', crs: 'EPSG:4548', synthetic: false, counts: { pipes: 3, tapoffs: 0 }, length_m: 240, issues: { error: 1, warning: 0, repaired: 0 },
  kinds: [{ kind: 'no-sources', severity: 'error', count: 1, placed: 0, name: '没有水源', name_en: 'No source' }],
  examples: [],
  against: {
    old: 'v1', new: 'draft', layers: { pipes: { added: 1, changed: 0, removed: 900 } }, attributes: {}, labels: {}, bounds: [117, 36, 118, 37], limit: 500,
    left_off: {}, features: { features: [] }, removals: [{ layer: 'pipes', before: 1000, removed: 900, is_much: true }],
  },
}

function draft(more: Partial<DraftDoc> = {}): DraftDoc {
  return { id: 'D1', created: '2026-11-21T00:00:00Z', title: '管段.csv', files: [{ name: '管段.csv', bytes: 300 }], bytes: 300, job: null, task: null, parts: [], mapping: null, ...more }
}

function server(more: Record<string, unknown> = {}): TestContext {
  let mapping: MappingDoc | null = null
  const parts: Record<string, unknown> = { suggestion: SUGGESTION, check: CHECK, result: { version: 'vX', parent: 'v1', state: 'published', counts: { pipes: 3 }, length_m: 240, issues: { error: 1, warning: 0, repaired: 0 } } }
  return context({
    dictionary: () => Promise.resolve(DICTIONARY),
    createDraft: () => Promise.resolve(draft({ files: [] })),
    draft: () => Promise.resolve(draft({ mapping })),
    upload: (_id, file, report) => {
      report({ done: file.content.size, total: file.content.size })
      return Promise.resolve(draft({ mapping }))
    },
    setMapping: (_id, source) => {
      mapping = 'document' in source ? source.document : MAPPING
      return Promise.resolve(draft({ mapping }))
    },
    startTask: () => Promise.resolve(job('done')),
    draftPart: <T>(_id: string, part: string) => Promise.resolve(parts[part] as T),
    preview: () => Promise.resolve(PREVIEW),
    versions: () => Promise.resolve([]),
    network: () => Promise.resolve({ version: 'v1', source: 's', synthetic: false, crs: 'EPSG:4548', bounds: null, counts: {} }),
    ...more,
  })
}

const FILE = { name: '管段.csv', content: new Blob(['编号,口径\n']) }

async function withTables(more: Record<string, unknown> = {}): Promise<TestContext> {
  const page = server(more)
  page.state.tab = 'data'
  await showDataView.run(page, 'import')
  await bringFiles.run(page, [FILE])
  return page
}

describe('an import', () => {
  it('is recognised as soon as its files have come, and drawn', async () => {
    const page = await withTables()
    const { intake } = page.state
    expect(intake).toMatchObject({ step: 'mapping', uploads: [], error: null, open: { file: '管段.csv', table: '管段' } })
    expect(intake.mapping).toEqual(SUGGESTION.document)
    await vi.waitFor(() => expect(intake.preview?.crs).toBe('EPSG:4548'))
    expect(drawnSketch(page.state)).toMatchObject({ layer: 'pipes', features: [{ properties: { layer: 'pipes' } }] })
    expect(page.map.fitted).toEqual([117, 36, 117.1, 36.1])
  })
  it('says of each file why it is refused and takes the others', async () => {
    const page = await withTables({
      upload: (_id: string, file: { name: string }) =>
        file.name === 'plan.dwg'
          ? Promise.reject(new Failure('refused', { zh: '请另存为 dxf', en: 'save as dxf' }, 422))
          : Promise.resolve(draft()),
    })
    await bringFiles.run(page, [{ name: 'plan.dwg', content: new Blob(['x']) }, FILE])
    expect(page.state.intake.uploads).toMatchObject([{ name: 'plan.dwg', problem: '请另存为 dxf' }])
  })
  it('is corrected step by step, each looked at anew and undone', async () => {
    const preview = vi.fn().mockResolvedValue(PREVIEW)
    const page = await withTables({ preview })
    const key = { file: '管段.csv', table: '管段' }
    await vi.waitFor(() => expect(page.state.intake.previewing).toBe(false))
    const before = preview.mock.calls.length
    await chooseUnit.run(page, { target: { rule: 0, attribute: 'dn' }, unit: 'in' })
    await mapWord.run(page, { target: { rule: 0, attribute: 'material' }, word: '竹管', code: 'PVC' })
    await tellCrs.run(page, { key: null, crs: ' EPSG:4548 ' })
    expect(preview.mock.calls.length).toBe(before + 3)
    expect(page.state.intake.mapping).toMatchObject({ crs: 'EPSG:4548', layer: [{ fields: { dn: { column: '口径', unit: 'in' }, material: { codes: { 竹管: 'PVC' } } } }] })
    await undo.run(page)
    await undoMapping.run(page)
    expect(page.state.intake.mapping).not.toHaveProperty('crs')
    expect(page.state.intake.mapping?.layer?.[0]?.fields?.material).toBe('材质')
    await redoMapping.run(page)
    expect(page.state.intake.mapping?.layer?.[0]?.fields?.material).toMatchObject({ codes: { 竹管: 'PVC' } })
    await mapColumn.run(page, { key, column: '口径', target: null })
    await chooseLayer.run(page, { key, layer: null })
    expect(page.state.intake.mapping?.layer).toEqual([])
  })
  it('is checked and then imported by somebody with a name', async () => {
    const page = await withTables()
    expect(publishDraft.disabled(page, '李工')).toBe('intake.check.first')
    await checkDraft.run(page)
    expect(page.state.intake).toMatchObject({ step: 'check', check: { version: 'vX' } })
    expect(publishDraft.disabled(page, ' ')).toBe('versions.by.required')
    const startTask = vi.spyOn(page.api, 'startTask')
    await publishDraft.run(page, '李工')
    expect(startTask).toHaveBeenCalledWith('D1', 'publish', { by: '李工' })
    expect(page.state.intake).toMatchObject({ step: 'result', result: { version: 'vX' } })
    nextImport.run(page)
    expect(page.state.intake).toMatchObject({ step: 'files', draft: null, dictionary: DICTIONARY })
  })
  it('leaves the network as it was when it fails, and says so first', async () => {
    const problem = { type: '', title: '', title_en: '', status: 422, detail: '第 1,204 行：管径为空', detail_en: 'row 1204' }
    const page = await withTables({ startTask: (_id: string, task: string) => Promise.resolve(task === 'check' ? job('failed', { problem }) : job('done')) })
    await checkDraft.run(page)
    expect(page.state.intake.error).toBe('未导入任何数据，当前版本未改变。 第 1,204 行：管径为空')
    expect(page.state.intake.working).toBeNull()
  })
  it('can be cancelled while it is read', async () => {
    const cancelJob = vi.fn().mockResolvedValue(undefined)
    const page = server({ cancelJob })
    page.state.intake.working = { task: 'check', job: 'J7', stage: 'read', done: 1, total: 9 }
    await cancelTask.run(page)
    expect(cancelJob).toHaveBeenCalledWith('J7')
    expect(removeFile.disabled(page, 'x')).toBe('intake.busy')
  })
  it('is thrown away whole, or taken up again where it stood', async () => {
    const discarded = vi.fn().mockResolvedValue(undefined)
    const page = await withTables({ discardDraft: discarded, drafts: () => Promise.resolve([draft(), draft({ id: 'D0', parts: ['result'] })]) })
    await discardDraft.run(page)
    expect(discarded).toHaveBeenCalledWith('D1')
    await openIntake(page)
    expect(page.state.intake.earlier.map((one) => one.id)).toEqual(['D1'])
    page.api.draft = () => Promise.resolve(draft({ parts: ['suggestion', 'check'], mapping: MAPPING }))
    await takeDraft(page, 'D1')
    expect(page.state.intake).toMatchObject({ step: 'check', mapping: MAPPING, earlier: [] })
    goStep.run(page, 'mapping')
    expect(page.state.intake.step).toBe('mapping')
  })
  it('takes a kept mapping and keeps its own under a name', async () => {
    const kept = vi.fn().mockResolvedValue([{ name: '城东', saved: '' }])
    const page = await withTables({ keepMapping: kept })
    await loadMapping.run(page, { name: '城东' })
    expect(page.state.intake.mapping).toEqual(MAPPING)
    await keepMapping.run(page, ' 城东 ')
    expect(kept).toHaveBeenCalledWith('城东', MAPPING)
    expect(page.state.intake.kept).toHaveLength(1)
  })
})

describe('the import panels', () => {
  async function html(page: TestContext, panel: object): Promise<string> {
    const app = createSSRApp({ render: () => h(panel) })
    app.provide(CONTEXT, page)
    return (await renderToString(app)).replace(/<!--.*?-->/g, '')
  }
  it('show raw and understood side by side, mark doubts, and take words of files for text', async () => {
    const page = await withTables()
    await vi.waitFor(() => expect(page.state.intake.preview).not.toBeNull())
    const shown = await html(page, MappingStep)
    expect(shown).toContain('CGCS2000 / 3-degree Gauss-Kruger CM 117E')
    expect(shown).toMatch(/class="doubt"[^>]*title="第 2 行的“竹管”不在代码表中"/)
    expect(shown).toContain('DN200')
    expect(shown).not.toContain('<b>竹管')
    expect(shown).toContain('&lt;b&gt;竹管&lt;/b&gt;')
  })
  it('say what would disappear and that a second person has to agree', async () => {
    const page = await withTables()
    await checkDraft.run(page)
    const shown = await html(page, CheckStep)
    expect(shown).toContain('没有水源')
    expect(shown).toMatch(/data-testid="check-pipes-removed" data-value="900"/)
    expect(shown).toContain('第二人同意')
    expect(shown).toContain('提出入库')
  })
})

describe('small words', () => {
  it('give sizes of files and zones of China', () => {
    expect([0, 999, 1500, 2_147_483_648].map(fileSize)).toEqual(['0 B', '999 B', '1.5 kB', '2.1 GB'])
    expect(CRS_CODES).toContainEqual(['EPSG:4548', 'CGCS2000 3° CM 117E'])
    expect(CRS_CODES).toContainEqual(['EPSG:4554', 'CGCS2000 3° CM 135E'])
  })
})
