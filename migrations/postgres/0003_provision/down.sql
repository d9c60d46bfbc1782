DROP TABLE vacancy;
DROP TABLE unit_address;
DROP TABLE unit;
DROP TABLE service_rules;
DROP TABLE service;
