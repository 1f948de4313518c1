/** 数据页（导入、版本、数据问题）的文字。 */
export const zhData = {
  'tab.data': '数据',
  'data.import': '导入',
  'data.versions': '版本',
  'data.issues': '数据问题',
  'versions.none': '还没有管网版本。请先导入数据',

  'severity.error': '错误',
  'severity.warning': '提醒',
  'severity.repaired': '已修复',

  'issues.title': '数据问题',
  'issues.total': '{count} 条',
  'issues.none': '这个版本没有发现数据问题',
  'issues.show': '在地图上显示“{name}”',
  'issues.only': '只看',
  'issues.unplaced': '{count} 条无位置',
  'issues.no-place': '没有位置，地图上不显示',
  'issues.more': '再显示（已显示 {shown} / {total}）',
  'issues.all-shown': '已全部显示',
  'issues.selected': '已定位：{message}',
  'issues.place': '来源文件 {file}，第 {row} 行，字段 {field}',
  'issues.previous': '上一条',
  'issues.next': '下一条',
} as const
