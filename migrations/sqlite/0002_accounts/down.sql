DROP TABLE data_key;
DROP TABLE sign_in_attempt;
DROP TABLE refresh_token;
DROP TABLE session;
DROP TABLE account;
DROP TABLE organisation;
