DROP TABLE case_identity;
DROP TABLE case_secondary_reason;
DROP TABLE "case";
