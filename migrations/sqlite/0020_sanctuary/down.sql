DROP TABLE sanctuary_follow_up;
DROP TABLE sanctuary_address;
DROP TABLE sanctuary_measure;
DROP TABLE sanctuary_job;
DROP TABLE sanctuary_capacity;
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(replace(sql,
  'outcome IN (''placed'', ''not_placed'', ''sanctuary'')', 'outcome IN (''placed'', ''not_placed'')'),
  'outcome IS NULL OR outcome IN (''placed'', ''sanctuary'')', 'outcome IS NULL OR outcome = ''placed''')
  WHERE type = 'table' AND name = 'case';
PRAGMA writable_schema = RESET;
