import { describe, expect, it } from 'vitest'
import { createSSRApp, h } from 'vue'
import { renderToString } from 'vue/server-renderer'
import { closeCard, copyPosition, locate, showCard } from '../src/commands/show-card'
import type { SiteCardDoc } from '../src/contract/resources'
import { focusOf } from '../src/map/sync'
import { CONTEXT } from '../src/panels/context'
import SiteCard from '../src/panels/SiteCard.vue'
import { context, type TestContext } from './builders'

const AT: [number, number] = [117.0213, 36.6602]

function doc(): SiteCardDoc {
  const pipe = {
    id: 'P1', dn: 300, material: 'DI', role: 'main', status: 'open', install_year: 2013, age_years: 13, cover_depth_m: 1.29,
    road_name: '石桥大街', dn_confidence: 'surveyed', material_confidence: 'inferred', install_year_confidence: 'as-built',
    cover_depth_confidence: 'filled', distance_m: 2.13, position: AT, peak_pressure_mpa: 0.3169, fed: true, flow_lps: -18.894, velocity_mps: 0.267,
  }
  const tapoff = {
    id: 'T1', dn: 100, status: 'free', pipe_id: 'P1', pipe_dn: 300, distance_m: 45.887, route_length_m: 50.33, position: AT, cover_depth_m: 0.84,
    valve_id: 'V1', peak_pressure_mpa: 0.3179, confidence: 'surveyed', origin: 'surveyed', reserved_until: null, last_visit: '2022-02-03',
  }
  return {
    position: AT, elevation_m: 39.7, peak_pressure_mpa: 0.3169, pressure: { peak_mpa: 0.3169, peak_head_m: 32.31, pipe_id: 'P1', distance_m: 2.13 },
    pipes: [pipe, { ...pipe, id: 'P2', fed: false, peak_pressure_mpa: null, install_year: null, age_years: null, cover_depth_m: null }],
    tapoffs: [tapoff, { ...tapoff, id: 'T2', origin: 'derived', valve_id: null }],
    valves: [{ id: 'V9', dn: 300, kind: 'gate', state: 'closed', pipe_id: 'P1', distance_m: 12, position: AT }],
    running: { computed: true, problem: null, fed: true, fed_pipe_id: 'P1', source: { id: 'S', name: '甸柳水厂', kind: 'plant', head_m: 73.7 }, through: null, closed_valves: ['V9'], closed_pipes: [] },
    network_version: 'v1', synthetic: true,
  }
}

async function withCard(change: (card: SiteCardDoc) => void = () => undefined): Promise<TestContext> {
  const card = doc()
  change(card)
  const page = context({ siteCard: () => Promise.resolve(card) })
  await showCard.run(page, { position: AT, feature: null })
  return page
}

async function html(page: TestContext): Promise<string> {
  const app = createSSRApp({ render: () => h(SiteCard) })
  app.provide(CONTEXT, page)
  return (await renderToString(app)).replace(/<!--.*?-->/g, '')
}

const words = (page: string): string => page.replace(/<[^>]+>/g, '').replace(/\s+/g, ' ')

describe('the site card', () => {
  it('tells sizes, material, age, depth and how each is known', async () => {
    const shown = words(await html(await withCard()))
    for (const part of ['DN300', '2013 年敷设（13 年）', '埋深 1.29', '实测', '推断', '竣工', '补填', '石桥大街']) expect(shown).toContain(part)
    expect(shown).toContain('敷设年代不明')
    expect(shown).toContain('埋深不明')
  })
  it('tells the pressure, where the water comes from and what is shut', async () => {
    const shown = words(await html(await withCard()))
    for (const part of ['0.317', '32.3 m 水头', '甸柳水厂', 'V9', '高峰时段无水']) expect(shown).toContain(part)
  })
  it('tells what the pressure rests on and which pipes to verify first', async () => {
    const page = await withCard((card) => {
      const relies_on = { path_length_m: 1200, path_pipes: 31, dn_m: { surveyed: 900, filled: 300 }, roughness_m: { inferred: 1200 }, elevation_confidence: 'as-built', doubtful_pipes: ['P7', 'P9'] }
      card.pressure = { ...card.pressure!, relies_on }
    })
    const page_html = await html(page)
    for (const part of ['31 段，1200 m', '补填 300 m', '推断 1200 m', 'P7、P9']) expect(words(page_html)).toContain(part)
    expect(page_html).toContain('width:25%')
  })
  it('tells registered tap-offs from derived ones', async () => {
    const page = await html(await withCard())
    expect([...page.matchAll(/data-origin="(\w+)"/g)].map(([, origin]) => origin)).toEqual(['surveyed', 'derived'])
    expect(words(page)).toContain('推定')
  })
  it('says why nothing could be computed', async () => {
    const page = await withCard((card) => {
      card.running = { ...card.running, computed: false, fed: null, source: null, problem: { zh: '没有水源', en: 'No source' } }
      card.pressure = null
      card.peak_pressure_mpa = null
    })
    expect(words(await html(page))).toContain('没有水源')
  })
  it('takes a name for text, never for markup', async () => {
    const page = await withCard((card) => {
      card.pipes[0]!.road_name = '<img src=x onerror=alert(1)>'
      card.running.source!.name = '<script>alert(1)</script>'
    })
    expect(await html(page)).not.toMatch(/<img src=x|<script/)
  })
  it('gives its coordinates, longitude first, and says when the browser refuses', async () => {
    const page = await withCard()
    const copied: string[] = []
    page.copy = (text) => {
      copied.push(text)
      return Promise.resolve(copied.length === 1)
    }
    await copyPosition.run(page, AT)
    expect(copied).toEqual(['117.0213, 36.6602'])
    expect(page.state.spoken).toContain('已复制')
    await copyPosition.run(page, AT)
    expect(page.state).toMatchObject({ copied: null })
    expect(page.state.spoken).toContain('117.0213, 36.6602')
  })
  it('shows where a row lies and stays open', async () => {
    const page = await withCard()
    expect(focusOf(page.state)).toEqual(AT)
    locate.run(page, { position: [117.1, 36.7], pipeId: 'P2' })
    expect(focusOf(page.state)).toEqual([117.1, 36.7])
    expect(page.map.pipe).toBe('P2')
    closeCard.run(page)
    expect(focusOf(page.state)).toBeNull()
  })
})
