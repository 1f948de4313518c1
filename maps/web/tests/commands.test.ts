import { describe, expect, it, vi } from 'vitest'
import { checkVersion } from '../src/commands/check-version'
import { clickMap } from '../src/commands/click-map'
import { editForm } from '../src/commands/edit-form'
import { generateScheme, stopWaiting } from '../src/commands/generate-scheme'
import { handleKey, type Key } from '../src/commands/keyboard'
import { openScheme } from '../src/commands/open-scheme'
import { pickSite } from '../src/commands/pick-site'
import { decideCandidate, runRenewal } from '../src/commands/renewal'
import { showTab } from '../src/commands/show-tab'
import { moveSelection, selectOption } from '../src/commands/select-option'
import { redo, undo } from '../src/commands/undo'
import { Failure } from '../src/contract/client'
import { isOutdated } from '../src/state/store'
import { candidate, context, job, scheme, type TestContext } from './builders'

const SITE: [number, number] = [117.0213, 36.6602]

async function withScheme(): Promise<TestContext> {
  const page = context({ requestScheme: () => Promise.resolve({ scheme: scheme() }), scheme: (id) => Promise.resolve(scheme(id)) })
  await pickSite.run(page, { position: SITE, show: false })
  await generateScheme.run(page)
  return page
}

describe('choosing the site', () => {
  it('takes a click while the site tool is on, and then looks again', async () => {
    const page = context()
    page.state.tool = 'site'
    await clickMap.run(page, { position: SITE, feature: null })
    expect(page.state.form.position).toEqual(SITE)
    expect(page.state.tool).toBe('view')
  })
  it('shows a card of the place while looking', async () => {
    const siteCard = vi.fn().mockResolvedValue({ pipes: [], tapoffs: [], valves: [] })
    const page = context({ siteCard })
    page.state.tool = 'view'
    await clickMap.run(page, { position: SITE, feature: { layer: 'pipes', properties: { pipe_id: 'P1' } } })
    expect(siteCard).toHaveBeenCalledWith(SITE)
    expect(page.state.card?.feature?.properties.pipe_id).toBe('P1')
    expect(page.state.card).toMatchObject({ loading: false, doc: { tapoffs: [] } })
    expect(page.state.form.position).toBeNull()
  })
  it('warns of swapped numbers and of places far outside', async () => {
    const page = context()
    await pickSite.run(page, { position: [36.66, 117.02], show: true })
    expect(page.state.form.position).toEqual([117.02, 36.66])
    expect(page.state.siteNote).toContain('写反')
    await pickSite.run(page, { position: [100, 30], show: true })
    expect(page.state.siteNote).toContain('范围之外')
  })
  it('refuses what is no position and keeps the former one', async () => {
    const page = context()
    await pickSite.run(page, { position: SITE, show: true })
    await pickSite.run(page, { position: [999, 999], show: true })
    expect(page.state.form.position).toEqual(SITE)
    expect(page.state.siteNote).toContain('无法识别')
  })
  it('takes plain x, y of a network without coordinate system', async () => {
    const page = context()
    page.state.network!.crs = null
    await pickSite.run(page, { position: [5200, 9100], show: true })
    expect(page.state.form.position).toEqual([5200, 9100])
    expect(page.state.siteNote).toBeNull()
  })
})

describe('generating schemes', () => {
  it('is not possible without a site', () => {
    expect(generateScheme.disabled(context())).toBe('generate.no-site')
  })
  it('shows the answer with its first option chosen and drawn', async () => {
    const page = await withScheme()
    expect(page.state.scheme?.id).toBe('S1')
    expect(page.state.rank).toBe(1)
    expect(isOutdated(page.state)).toBe(false)
    expect(page.map.fitted).toEqual([117.021, 36.6602, 117.0213, 36.661])
    expect(page.state.spoken).toContain('31,252.03')
  })
  it('follows a job with its stages until the scheme is there', async () => {
    const stages: (string | null | undefined)[] = []
    const answers = [
      job('running', { progress: { stage: 'options', done: 2, total: 9 } }),
      job('done', { result: '/api/v1/schemes/S%207' }),
    ]
    const page = context({
      requestScheme: () => Promise.resolve({ job: job('queued') }),
      job: () => Promise.resolve(answers.shift()!),
      scheme: (id) => Promise.resolve(scheme(id)),
    })
    page.pause = () => {
      stages.push(page.state.computing?.stage)
      return Promise.resolve()
    }
    await pickSite.run(page, { position: SITE, show: false })
    await generateScheme.run(page)
    expect(stages).toEqual(['queued', 'options'])
    expect(page.state.scheme?.id).toBe('S 7')
    expect(page.state.computing).toBeNull()
  })
  it('says in words why the server refused, and keeps the former result', async () => {
    const page = await withScheme()
    page.api.requestScheme = () => Promise.reject(new Failure('refused', { zh: '用地在管网之外', en: 'outside' }, 422))
    await generateScheme.run(page)
    expect(page.state.error).toBe('用地在管网之外')
    expect(page.state.scheme?.id).toBe('S1')
  })
  it('says so when nobody answers', async () => {
    const page = context({ requestScheme: () => Promise.reject(new Failure('unreachable')) })
    await pickSite.run(page, { position: SITE, show: false })
    await generateScheme.run(page)
    expect(page.state.error).toContain('连不上服务')
  })
  it('tells why a job failed', async () => {
    const problem = { type: '', title: '', title_en: '', detail: '管网没有水源', detail_en: 'no source', status: 503 }
    const page = context({
      requestScheme: () => Promise.resolve({ job: job('running') }),
      job: () => Promise.resolve(job('failed', { problem })),
    })
    await pickSite.run(page, { position: SITE, show: false })
    await generateScheme.run(page)
    expect(page.state.error).toBe('管网没有水源')
  })
  it('can be cancelled, on the server too', async () => {
    const cancelJob = vi.fn().mockResolvedValue(undefined)
    const page = context({
      requestScheme: () => Promise.resolve({ job: job('running') }),
      job: () => Promise.resolve(job('running')),
      cancelJob,
    })
    page.pause = async () => {
      await stopWaiting.run(page)
    }
    await pickSite.run(page, { position: SITE, show: false })
    await generateScheme.run(page)
    expect(cancelJob).toHaveBeenCalledWith('J1')
    expect(page.state.error).toContain('已取消')
    expect(page.state.computing).toBeNull()
  })
  it('shows an infeasible answer as a result', async () => {
    const bad = { ...scheme('S2', 0), feasible: false }
    const page = context({ requestScheme: () => Promise.resolve({ scheme: bad }) })
    await pickSite.run(page, { position: SITE, show: false })
    await generateScheme.run(page)
    expect(page.state.scheme?.feasible).toBe(false)
    expect(page.state.error).toBeNull()
    expect(page.state.spoken).toBe('没有可行方案')
  })
})

describe('options', () => {
  it('are walked through and stop at the ends', async () => {
    const page = await withScheme()
    for (const [step, rank] of [[1, 2], [1, 3], [1, 3], [-1, 2]] as const) {
      await moveSelection.run(page, step)
      expect(page.state.rank).toBe(rank)
    }
  })
  it('open their details when somebody asks for them', async () => {
    const page = await withScheme()
    expect(page.state.detail).toBe('offered')
    await selectOption.run(page, 2)
    expect(page.state.detail).toBe('open')
  })
})

describe('undo', () => {
  it('brings back site, form, scheme and option, and redo takes them away again', async () => {
    const page = await withScheme()
    await selectOption.run(page, 3)
    await editForm.run(page, { amount: '96' })
    expect(isOutdated(page.state)).toBe(true)

    await undo.run(page)
    expect(page.state.form.amount).toBe('48')
    expect(page.state.rank).toBe(3)
    await undo.run(page)
    expect(page.state.rank).toBe(1)
    await undo.run(page)
    expect(page.state.scheme).toBeNull()
    await undo.run(page)
    expect(page.state.form.position).toBeNull()
    expect(undo.disabled(page)).not.toBeNull()

    for (let step = 0; step < 4; step += 1) await redo.run(page)
    expect(page.state.form.amount).toBe('96')
    expect(page.state.scheme?.id).toBe('S1')
    expect(redo.disabled(page)).not.toBeNull()
  })
  it('returns from an opened past scheme', async () => {
    const page = await withScheme()
    await openScheme.run(page, { id: 'S5', rank: 2 })
    expect([page.state.scheme?.id, page.state.rank]).toEqual(['S5', 2])
    await undo.run(page)
    expect([page.state.scheme?.id, page.state.rank]).toEqual(['S1', 1])
  })
})

describe('renewal', () => {
  it('is read when its tab opens first', async () => {
    const renewal = vi.fn().mockResolvedValue({ run: null, candidates: [candidate('A')] })
    const page = context({ renewal })
    await showTab.run(page, 'renewal')
    await showTab.run(page, 'scheme')
    await showTab.run(page, 'renewal')
    expect(renewal).toHaveBeenCalledTimes(1)
    expect(page.state.renewal?.candidates).toHaveLength(1)
  })
  it('runs as a job and shows the new list', async () => {
    const page = context({
      startRenewal: () => Promise.resolve(job('queued')),
      job: () => Promise.resolve(job('done', { result: '/api/v1/renewal' })),
      renewal: () => Promise.resolve({ run: null, candidates: [candidate('B')] }),
    })
    await runRenewal.run(page)
    expect(page.state.renewal?.candidates[0]?.pipe_id).toBe('B')
    expect(page.state.renewalRun).toBeNull()
  })
  it('keeps a decision only with a reason, and a delay only with its day', async () => {
    const page = context()
    const decide = { pipeId: 'A', decision: 'defer' as const, reason: '', until: '' }
    expect(decideCandidate.disabled(page, decide)).toBe('decision.reason.required')
    expect(decideCandidate.disabled(page, { ...decide, reason: '等地铁' })).toBe('decision.until.required')
    expect(decideCandidate.disabled(page, { ...decide, reason: '等地铁', until: '2028-06-30' })).toBeNull()
    expect(decideCandidate.disabled(page, { ...decide, decision: 'pin', reason: '爆管频繁' })).toBeNull()
  })
  it('sends a decision as the server reads it', async () => {
    const decide = vi.fn().mockResolvedValue(undefined)
    const page = context({ decide })
    await decideCandidate.run(page, { pipeId: 'A', decision: 'pin', reason: ' 爆管频繁 ', until: '2028-06-30' })
    expect(decide).toHaveBeenCalledWith('A', { decision: 'pin', reason: '爆管频繁', until: null })
    expect(page.state.spoken).toContain('列入')
  })
})

describe('keys', () => {
  const key = (name: string, more: Partial<Key> = {}): Key => ({
    key: name,
    ctrlKey: false,
    metaKey: false,
    shiftKey: false,
    isComposing: false,
    typing: false,
    ...more,
  })
  it('mean what the help says', async () => {
    const page = await withScheme()
    const goTo = vi.fn()
    expect(handleKey(page, key('n'), goTo)).toBe(true)
    expect(page.state.rank).toBe(2)
    handleKey(page, key('2'), goTo)
    expect(page.state.tool).toBe('site')
    handleKey(page, key('Escape'), goTo)
    expect(page.state.tool).toBe('view')
    handleKey(page, key('G'), goTo)
    expect(goTo).toHaveBeenCalledOnce()
    handleKey(page, key('?'), goTo)
    expect(page.state.helpOpen).toBe(true)
  })
  it('mean nothing while somebody types, composes, or has switched them off', async () => {
    const page = await withScheme()
    const goTo = vi.fn()
    expect(handleKey(page, key('n', { typing: true }), goTo)).toBe(false)
    expect(handleKey(page, key('Enter', { shiftKey: true, isComposing: true }), goTo)).toBe(false)
    expect(handleKey(page, key('z', { ctrlKey: true, typing: true }), goTo)).toBe(false)
    page.state.shortcuts = false
    expect(handleKey(page, key('n'), goTo)).toBe(false)
    expect(page.state.rank).toBe(1)
  })
})

describe('a network version that changes under the page', () => {
  it('is said once the server holds another one', async () => {
    const page = context({ network: () => Promise.resolve({ ...page.state.network!, version: 'v2' }) })
    await checkVersion.run(page)
    expect(page.state.newVersion).toBe('v2')
  })
  it('is not made up when the server is away', async () => {
    const page = context({ network: () => Promise.reject(new Failure('unreachable')) })
    await checkVersion.run(page)
    expect(page.state.newVersion).toBeNull()
  })
})
