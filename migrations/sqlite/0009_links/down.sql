DROP TABLE account_link;
