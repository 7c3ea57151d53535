"""English words that say little about a text's subject, for ``IS_STOP``."""

from __future__ import annotations

STOP_WORDS = frozenset({
    "a", "an", "the", "this", "that", "these", "those", "such", "same", "other", "another", "each",
    "every", "either", "neither", "both", "all", "any", "some", "no", "none", "few", "many", "much",
    "more", "most", "less", "least", "several", "enough", "own",

    "i", "me", "my", "mine", "myself", "we", "us", "our", "ours", "ourselves", "you", "your", "yours",
    "yourself", "yourselves", "he", "him", "his", "himself", "she", "her", "hers", "herself", "it", "its",
    "itself", "they", "them", "their", "theirs", "themselves", "one", "ones", "who", "whom", "whose",
    "which", "what", "whoever", "whatever", "whichever", "someone", "somebody", "something", "anyone",
    "anybody", "anything", "everyone", "everybody", "everything", "nobody", "nothing",

    "am", "is", "are", "was", "were", "be", "been", "being", "have", "has", "had", "having", "do", "does",
    "did", "doing", "done", "will", "would", "shall", "should", "can", "could", "may", "might", "must",
    "ought", "need", "dare", "cannot", "get", "gets", "got", "let", "lets", "make", "makes", "made", "go",
    "goes", "went", "seem", "seems", "seemed", "become", "becomes", "became", "say", "says", "said",
    "see", "seen", "put", "keep", "take", "give", "given", "used", "using",

    "n't", "'m", "'re", "'s", "'ve", "'ll", "'d", "n’t", "’m", "’re", "’s", "’ve", "’ll", "’d", "ain",
    "don", "doesn", "didn", "isn", "aren", "wasn", "weren", "hasn", "haven", "hadn", "won", "wouldn",
    "shouldn", "couldn", "mustn", "needn", "ca", "wo", "sha",

    "and", "or", "but", "nor", "so", "yet", "for", "if", "then", "else", "than", "as", "because", "since",
    "while", "though", "although", "unless", "until", "till", "whether", "whereas", "once",
    "lest",

    "of", "at", "by", "with", "about", "against", "between", "into", "through", "during", "before",
    "after", "above", "below", "to", "from", "up", "down", "in", "out", "on", "off", "over", "under",
    "again", "further", "along", "across", "around", "among", "amongst", "behind", "beside", "besides",
    "beneath", "beyond", "despite", "except", "inside", "outside", "near", "onto", "per", "toward",
    "towards", "upon", "via", "within", "without", "throughout", "like", "unlike",

    "here", "there", "where", "when", "why", "how", "hereby", "thereby", "whereby", "hence", "thence",
    "thus", "therefore", "however", "moreover", "nevertheless", "nonetheless", "otherwise", "meanwhile",
    "instead", "indeed", "perhaps", "maybe", "rather", "quite", "very", "too", "also", "just", "only",
    "even", "still", "already", "always", "never", "ever", "often", "sometimes", "usually", "seldom",
    "soon", "now", "today", "almost", "nearly", "mostly", "mainly", "really", "simply", "merely",
    "actually", "especially", "particularly", "not", "yes", "anyway", "somewhere", "anywhere",
    "everywhere", "nowhere", "somehow", "elsewhere", "forth", "together", "apart", "away", "back",

    "first", "last", "next", "former", "latter", "two", "three",
})  # fmt: skip
