-- MySQL dump 10.13
CREATE TABLE `patients` (
  `id` int NOT NULL,
  `nom` varchar(40) DEFAULT NULL,
  PRIMARY KEY (`id`)
);
INSERT INTO `patients` VALUES (1,'LETEST'),(2,'D\'OR;('),(3,'x
y'),(4,'LETE