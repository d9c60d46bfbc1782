DROP TABLE area;
DROP TABLE reference_code;
DROP TABLE installation;
