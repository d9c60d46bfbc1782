DROP TABLE placement;
DROP TABLE referral_note;
DROP TABLE referral_secondary_reason;
DROP TABLE referral;
