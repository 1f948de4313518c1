import { describe, expect, it } from 'vitest'
import { createSSRApp, h, type Component } from 'vue'
import { renderToString } from 'vue/server-renderer'
import { requestKey } from '../src/state/form'
import { emptyLife } from '../src/state/life'
import { CONTEXT } from '../src/panels/context'
import OptionDetail from '../src/panels/OptionDetail.vue'
import QuoteSection from '../src/panels/quote/QuoteSection.vue'
import RenewalPanel from '../src/panels/RenewalPanel.vue'
import SchemeResult from '../src/panels/SchemeResult.vue'
import { candidate, context, scheme, type TestContext } from './builders'

async function html(page: TestContext, panel: Component, props: Record<string, unknown> = {}): Promise<string> {
  const app = createSSRApp({ render: () => h(panel, props) })
  app.provide(CONTEXT, page)
  return renderToString(app)
}

function withScheme(): TestContext {
  const page = context()
  page.state.form.position = [117.0213, 36.6602]
  page.state.scheme = scheme()
  page.state.rank = 1
  page.state.computedFor = requestKey(page.state.form)
  return page
}

/** Text and data-value of the first element with a test id. */
function figure(page: string, id: string): { value: string | undefined; text: string } {
  const found = new RegExp(`<(\\w+)[^>]*data-testid="${id}"[^>]*>([\\s\\S]*?)</\\1>`).exec(page)
  const tag = found?.[0].slice(0, found[0].indexOf('>') + 1) ?? ''
  return {
    value: /data-value="([^"]*)"/.exec(tag)?.[1],
    text: (found?.[2] ?? '').replace(/<!--.*?-->/g, '').replace(/<[^>]+>/g, '').trim(),
  }
}

describe('the result list', () => {
  it('shows the figures of the document, with the raw value beside them', async () => {
    const page = await html(withScheme(), SchemeResult)
    expect(figure(page, 'option-total').value).toBe('31252.03')
    expect(page).toContain('31,252.03')
    expect(figure(page, 'option-pressure-before').value).toBe('0.3128')
    expect(figure(page, 'option-pressure-after').value).toBe('0.2918')
    expect(figure(page, 'option-length').value).toBe('67.391')
    expect([1, 2, 3].every((rank) => page.includes(`data-testid="option-card-${rank}"`))).toBe(true)
    expect(page).toContain('已被使用')
  })
  it('says in words that figures are old', async () => {
    const page = withScheme()
    page.state.form.amount = '96'
    expect(await html(page, SchemeResult)).toContain('已过期')
  })
  it('shows an infeasible answer with what is missing', async () => {
    const page = withScheme()
    const [first] = page.state.scheme!.options
    page.state.scheme!.feasible = false
    page.state.scheme!.options = [{ ...first!, feasible: false, check: { ...first!.check, site_pressure_after_mpa: 0.25 } }]
    const shown = await html(page, SchemeResult)
    expect(shown).toContain('data-testid="infeasible"')
    expect(shown).toContain('2.5 m')
  })
  it('never takes a name for markup', async () => {
    const page = withScheme()
    page.state.scheme!.rejected[0]!.reason = '<img src=x onerror=alert(1)>'
    expect(await html(page, SchemeResult)).not.toContain('<img')
  })
  it('speaks English when asked', async () => {
    const page = withScheme()
    page.state.language = 'en'
    const shown = await html(page, SchemeResult)
    expect(shown).toContain('lowest cost')
    expect(shown).not.toContain('造价最低')
  })
})

describe('the detail', () => {
  it('offers the files of the scheme', async () => {
    const page = withScheme()
    page.state.detail = 'open'
    const listed = ['customer.pdf', 'model-before.inp', 'permits/road-opening.docx', 'quote.xlsx', 'scheme.en.pdf', 'scheme.json', 'scheme.pdf']
    page.state.life = { ...emptyLife(), id: 'S1', files: listed.map((name) => ({ name, size_bytes: 2048 })) }
    const shown = await html(page, OptionDetail)
    expect(shown).toContain('2.0 kB')
    const names = [...shown.matchAll(/\/api\/v1\/schemes\/S1\/files\/([\w.\/-]+)"/g)].map(([, name]) => name)
    expect(names).toEqual([
      'scheme.pdf',
      'customer.pdf',
      'quote.xlsx',
      'scheme.en.pdf',
      'permits/road-opening.docx',
      'scheme.json',
      'model-before.inp',
    ])
  })
  it('groups the quote by ledger and payer and sums nothing itself', async () => {
    const { quote } = withScheme().state.scheme!.options[0]!
    const line = { code: 'a', name: '挖沟', quantity: '1', unit: 'm', price_cny: '1', amount_cny: '1', basis: '' }
    quote.lines = [
      { ...line, name: '甲', payer: 'utility', ledger: 'outside-red-line' },
      { ...line, name: '乙', payer: 'customer', ledger: 'inside-red-line' },
      { ...line, name: '丙', payer: 'utility', ledger: 'outside-red-line' },
    ]
    const shown = await html(withScheme(), QuoteSection, { quote })
    const order = [...shown.matchAll(/红线外工程|红线内工程|[甲乙丙](?=[ <])/g)].map(([word]) => word)
    expect(order).toEqual(['红线外工程', '甲', '丙', '红线内工程', '乙'])
    expect(figure(shown, 'quote-total')).toEqual({ value: '31252.03', text: '¥31,252.03' })
    expect(figure(shown, 'quote-customer').value).toBe('1234.50')
  })
})

describe('the renewal list', () => {
  it('gives evidence and the decision that was made', async () => {
    const page = context()
    const decision = { decision: 'defer' as const, reason: '等地铁', until: '2028-06-30', author: 'local', decided: '2026-11-21T10:00' }
    page.state.renewal = { run: { id: 'R', created: '', files: [] }, candidates: [candidate('A', { decision })] }
    page.state.pipeId = 'A'
    const shown = await html(page, RenewalPanel)
    expect(figure(shown, 'renewal-evidence').text).toBe('1960年敷设')
    expect(figure(shown, 'decision-chip').text).toBe('暂缓')
    expect(figure(shown, 'decision-current').text).toContain('等地铁')
  })
})
