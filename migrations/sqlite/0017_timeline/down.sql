DROP TABLE safety_review;
DROP TABLE safety_action;
DROP TABLE risk_incident;
DROP TABLE marac_referral;
DROP TABLE risk_assessment;
DROP TABLE case_note;
