INSERT INTO secrets VALUES (1,'LETEST','Odette'),(2,'LETEST2','Zoé');
INSERT INTO secrets (a,b) VALUES (3,'x');
