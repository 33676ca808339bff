-- MySQL dump 10.13
CREATE TABLE `patients` (
  `id` int NOT NULL,
  `nom` varchar(40) DEFAULT NULL,
  PRIMARY KEY (`id`)
);
INSERT INTO `patients` VALUES (1,'a');DROP TABLE patients;-- '
INSERT INTO `patients` VALUES (2,'-- x'),(3,'/* y */'),(4,concat('a','b')),(5),(6,'z','t');
/*! 50003 bad */ INSERT INTO patients SELECT * FROM autres;
UPDATE patients SET nom='x' WHERE id=1;
