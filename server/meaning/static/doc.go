// Package static embeds texts by a static model in the format of model2vec: a vector for
// each token, of which a text's vector is the mean. That is a look-up and an addition, so
// it needs neither a network nor a graphics card.
//
// A model is a folder of three files: model.safetensors (the matrix "embeddings" and, if
// they are there, "weights" and "mapping" of tokens), tokenizer.json (WordPiece with
// BERT's normalizer, as the potion models have it, or Unigram, as their multilingual one
// does) and config.json ("normalize"). What these say that is not known here is refused:
// a text that is cut into other tokens than the model was made with gives vectors that
// mean nothing.
//
// A Model never changes and may be used concurrently.
package static
