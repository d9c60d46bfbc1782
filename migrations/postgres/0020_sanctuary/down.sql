DROP TABLE sanctuary_follow_up;
DROP TABLE sanctuary_address;
DROP TABLE sanctuary_measure;
DROP TABLE sanctuary_job;
DROP TABLE sanctuary_capacity;
ALTER TABLE "case" DROP CONSTRAINT case_primary_reason_check;
ALTER TABLE "case" ADD CONSTRAINT case_primary_reason_check
  CHECK ((primary_reason IS NULL) = (outcome IS NULL OR outcome = 'placed'));
ALTER TABLE "case" DROP CONSTRAINT case_outcome_check;
ALTER TABLE "case" ADD CONSTRAINT case_outcome_check CHECK (outcome IN ('placed', 'not_placed'));
