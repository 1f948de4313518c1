/** Words of the data room (import, versions, issues) in English. */
import type { zhData } from './zh-data'

export const enData: Record<keyof typeof zhData, string> = {
  'tab.data': 'Data',
  'data.import': 'Import',
  'data.versions': 'Versions',
  'data.issues': 'Issues',
  'versions.none': 'There is no network version yet. Import data first',

  'severity.error': 'Error',
  'severity.warning': 'Warning',
  'severity.repaired': 'Repaired',

  'issues.title': 'Data issues',
  'issues.total': '{count} in all',
  'issues.none': 'No data issues were found in this version',
  'issues.show': 'Show “{name}” on the map',
  'issues.only': 'Only',
  'issues.unplaced': '{count} without a place',
  'issues.no-place': 'Has no place: not on the map',
  'issues.more': 'Show more ({shown} of {total} shown)',
  'issues.all-shown': 'All are shown',
  'issues.selected': 'Shown on the map: {message}',
  'issues.place': 'Source file {file}, row {row}, field {field}',
  'issues.previous': 'Previous',
  'issues.next': 'Next',
}
